import { findRegorus } from "./evaluators.ts"
import { proveTables } from "./tables.ts"

proveTables("regorus, the engine of the agent", findRegorus())
