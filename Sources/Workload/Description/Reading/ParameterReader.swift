extension ReadingContext {
  /// Fills the table from `[parameters]` and the command line's `--set`.
  func readParameters(_ assignments: [Assignment], overrides: [Parameter]) {
    for assignment in assignments {
      let name = assignment.key.text
      if let first = parameters[name] {
        diagnostics.error(
          "parameter \(quoted(name)) is given twice; it stands on line \(first.span.line) already",
          at: assignment.key.span)
        continue
      }
      var entry = ParameterTable.Entry(
        parameter: Parameter(name: name, value: assignment.rawText), span: assignment.key.span,
        tokens: assignment.tokens, isBroken: assignment.isBroken)
      if let override = overrides.last(where: { $0.name == name }), let read = Assignment.reading(override.value) {
        entry.parameter.value = override.value
        entry.tokens = read.tokens
        for index in entry.tokens.indices { entry.tokens[index].span = assignment.key.span }
        entry.isBroken = false
      }
      parameters.add(entry)
    }
    checkParameters()
    for override in overrides {
      if parameters[override.name] == nil {
        let known = parameters.names.isEmpty ? "; it has none" : hint(for: override.name, among: parameters.names)
        diagnostics.error("--set \(override.name): the workload has no such parameter\(known)", at: .nowhere)
      } else if Assignment.reading(override.value) == nil {
        diagnostics.error("--set \(override.name)=\(override.value): that is not a value", at: .nowhere)
      }
    }
  }

  /// Reports parameters whose values use unknown ones or themselves.
  private func checkParameters() {
    for entry in parameters.entries { _ = attempt { () throws(Fault) in try parameters.expand(entry.tokens) } }
  }

  /// A warning for each parameter that no value has used.
  func warnOfUnusedParameters() {
    for entry in parameters.entries where !parameters.used.contains(entry.parameter.name) {
      diagnostics.warning("no value uses parameter \(quoted(entry.parameter.name))", at: entry.span)
    }
  }
}
