const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
const FRAME_MS = 80
const CLEAR_LINE = "\r\u001b[2K"

/** A line on a terminal that moves while something takes time. */
export interface Spinner {
  update(text: string): void
  /** Takes the line away. */
  stop(): void
}

/** Starts a spinner; `stream` must be a terminal. */
export function startSpinner(stream: NodeJS.WriteStream, text: string): Spinner {
  let frame = 0
  let current = text
  const draw = (): void => {
    const line = `${FRAMES[frame % FRAMES.length] ?? ""} ${current}`
    stream.write(CLEAR_LINE + line.slice(0, stream.columns - 1))
    frame++
  }
  draw()
  const timer = setInterval(draw, FRAME_MS)
  timer.unref()
  return {
    update: (next) => {
      current = next
    },
    stop: () => {
      clearInterval(timer)
      stream.write(CLEAR_LINE)
    },
  }
}
