/// Reads a whole description: its statements, then its sections, then what they mean together.
struct WorkloadReader {
  let context: ReadingContext
  let overrides: WorkloadOverrides
  /// The workload's name if the file gives none.
  let standardName: String

  /// The description as far as it could be read; whether it is sound the diagnostics tell.
  func read(_ text: SourceText) -> WorkloadDescription {
    var reader = StatementReader(text, diagnostics: context.diagnostics)
    let sections = SectionReader(reader.readAll(), diagnostics: context.diagnostics)
    context.readParameters(sections.parameters, overrides: overrides.parameters)
    checkOverrides()
    let top = sections.top
    checkFormat(top)
    let threads = threads(top)
    let scopes = ScopeReader(sections.scopes, context: context)
    let classes = ClassReader(context: context, scopes: scopes).readAll(sections)
    let operations = context.count(top, .operations, in: 1...PhaseReader.largestOperations)
    let phases = PhaseReader(
      context: context, classes: classes, overrides: overrides, threads: threads,
      operations: operations ?? PhaseReader.standardOperations
    ).readAll(sections)
    let description = WorkloadDescription(
      name: name(top), summary: summary(top), seed: seed(top), threads: threads,
      parameters: context.parameters.entries.map(\.parameter), scopes: scopes.scopes, classes: classes,
      phases: scaled(phases))
    if !context.diagnostics.hasErrors {
      UsageCheck(description: description, sections: sections, diagnostics: context.diagnostics).run()
      context.warnOfUnusedParameters()
    }
    return description
  }

  // MARK: The top

  private func checkFormat(_ top: Section) {
    guard let entry = top[.format], let primary = context.single(entry, for: .format) else { return }
    if primary.word != "1" {
      context.error("\(primary.shown) is not a version of the format that can be read; there is only 1", at: primary)
    }
  }

  private func name(_ top: Section) -> String {
    guard let entry = top[.name] else { return standardName }
    if !entry.isBroken, entry.tokens.count > 1, entry.tokens.allSatisfy({ $0.kind == .word }) {
      context.diagnostics.error("a name with spaces goes between quotation marks", at: entry.span)
      return standardName
    }
    guard let primary = context.single(entry, for: .name) else { return standardName }
    switch primary.form {
    case .word, .string:
      if !primary.text.isEmpty { return primary.text }
      context.error("the name is empty", at: primary)
    case .percent, .per, .call: context.error("'name' takes \(FormatKey.name.takes)", at: primary)
    }
    return standardName
  }

  /// Free text: neither commas nor other signs mean anything in it.
  private func summary(_ top: Section) -> String? {
    guard let entry = top[.description], !entry.isBroken else { return nil }
    return entry.isQuoted ? entry.tokens[0].text : entry.rawText
  }

  private func seed(_ top: Section) -> UInt64 {
    let given = context.count(top, .seed, in: 0...UInt64.max)
    return overrides.seed ?? given ?? 1
  }

  private func threads(_ top: Section) -> Int {
    let range = 1...UInt64(WorkloadDescription.largestThreads)
    let given = context.count(top, .threads, in: range).map { Int($0) }
    return overrides.threads ?? given ?? 1
  }

  // MARK: The command line

  private func checkOverrides() {
    let most = WorkloadDescription.largestThreads
    if let threads = overrides.threads, !(1...most).contains(threads) {
      context.diagnostics.error("--threads \(threads): there can be 1 to \(most) lanes", at: .nowhere)
    }
    let operations = 1...PhaseReader.largestOperations
    if let wanted = overrides.operations, !operations.contains(wanted) {
      context.diagnostics.error(
        "--operations \(wanted): a lane can make 1 to \(operations.upperBound) allocations", at: .nowhere)
    }
  }

  /// The phases with `--operations` in all, each in proportion and at least 1.
  private func scaled(_ phases: [Phase]) -> [Phase] {
    guard let wanted = overrides.operations else { return phases }
    let total = phases.reduce(0) { $0 + UInt128($1.operations) }
    guard total > 0 else { return phases }
    var before: UInt128 = 0
    return phases.map { phase in
      let first = before * UInt128(wanted) / total
      before += UInt128(phase.operations)
      var result = phase
      result.operations = max(1, UInt64(before * UInt128(wanted) / total - first))
      return result
    }
  }
}
