import { KUBERNETES_VARIABLES, SERVICE_VARIABLES, type ServiceVariable } from "../runtime/service-variables.ts"

/** The forms of variables that kubelet adds, for C20 and X5. */
export const SERVICE_VARIABLE_RULES: string = `
# -- Variables that kubelet adds for services.

kubernetes_variables := ${printForms(KUBERNETES_VARIABLES)}

service_variables := ${printForms(SERVICE_VARIABLES)}
`

function printForms(variables: readonly ServiceVariable[]): string {
  const lines = variables.map(({ name, value }) => `\t{"name": ${printForm(name)}, "value": ${printForm(value)}},`)
  return `[\n${lines.join("\n")}\n]`
}

function printForm(pattern: string): string {
  return JSON.stringify(`^(${pattern})$`)
}
