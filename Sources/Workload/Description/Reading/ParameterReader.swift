extension ReadingContext {
  /// Fills the table from `[parameters]` and the command line's `--set`.
  func readParameters(_ assignments: [Assignment], overrides: [Parameter]) {
    let lexer = Lexer(diagnostics: diagnostics)
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
        tokens: assignment.tokens)
      if let override = overrides.last(where: { $0.name == name }), Assignment.reads(override.value) {
        entry.parameter.value = override.value
        entry.tokens = lexer.tokens(of: Array(override.value.unicodeScalars), number: assignment.key.span.line)
      }
      parameters.add(entry)
    }
    for override in overrides {
      if parameters[override.name] == nil {
        let known = parameters.names.isEmpty ? "; it has none" : hint(for: override.name, among: parameters.names)
        diagnostics.error("--set \(override.name): the workload has no such parameter\(known)", at: .nowhere)
      } else if !Assignment.reads(override.value) {
        diagnostics.error("--set \(override.name)=\(override.value): that is not a value", at: .nowhere)
      }
    }
  }

  /// A warning for each parameter that no value has used.
  func warnOfUnusedParameters() {
    for entry in parameters.entries where !parameters.used.contains(entry.parameter.name) {
      diagnostics.warning("no value uses parameter \(quoted(entry.parameter.name))", at: entry.span)
    }
  }
}
