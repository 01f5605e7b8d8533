//! Evaluates requests against a policy, each on a state of its own, as the agent does.
//!
//! stdin:  {"policy": text, "cases": [{"kind": text, "refusals": text, "request": any, "state": {…}}, …]}
//! stdout: [{"result": [value…], "refusals": [value…], "error": text or null}, …]

use serde_json::{json, Value};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let task: Value = serde_json::from_reader(std::io::stdin())?;
    let policy = task["policy"].as_str().ok_or("expected a policy")?;
    let mut engine = regorus::Engine::new();
    engine.set_strict_builtin_errors(false); // as the agent does: a builtin that fails is undefined
    engine.add_policy("policy.rego".into(), policy.into())?;
    let cases = task["cases"].as_array().ok_or("expected cases")?;
    let answers: Result<Vec<Value>, Box<dyn Error>> = cases.iter().map(|case| answer(&engine, case)).collect();
    println!("{}", Value::from(answers?));
    Ok(())
}

fn answer(engine: &regorus::Engine, case: &Value) -> Result<Value, Box<dyn Error>> {
    let mut engine = engine.clone();
    engine.add_data(regorus::Value::from_json_str(&json!({ "pstate": case["state"] }).to_string())?)?;
    engine.set_input(regorus::Value::from_json_str(&case["request"].to_string())?);
    match query(&mut engine, case) {
        Ok(answer) => Ok(answer),
        Err(error) => Ok(json!({ "result": [], "refusals": [], "error": error.to_string() })),
    }
}

/// Lists stand for values that may be undefined.
fn query(engine: &mut regorus::Engine, case: &Value) -> Result<Value, Box<dyn Error>> {
    let kind = case["kind"].as_str().ok_or("expected a kind")?;
    let refusals = case["refusals"].as_str().ok_or("expected the name of a rule")?;
    let query = format!(
        r#"{{"result": [r | r := data.agent_policy.{kind}], "refusals": [r | r := data.agent_policy.{refusals}]}}"#
    );
    let results = engine.eval_query(query, false)?;
    let value = results.result.first().and_then(|result| result.expressions.first()).ok_or("expected a value")?;
    Ok(serde_json::from_str(&value.value.to_json_str()?)?)
}
