public import Workload

extension RunResult {
  /// A whole number of the record as a floating-point one.
  func number(_ key: RecordKey) -> Double? { record?[key].flatMap { Double($0) } }

  /// Wall-clock nanoseconds a nominal operation, all lanes' operations together.
  public var grossNanoseconds: Double? {
    guard let wall = number(.wallNanoseconds), let ops = number(.ops), ops > 0 else { return nil }
    return wall / ops
  }

  /// Millions of nominal operations a second over all lanes.
  public var megaopsPerSecond: Double? {
    guard let gross = grossNanoseconds, gross > 0 else { return nil }
    return 1000 / gross
  }

  /// (Peak − baseline) ÷ peak live.
  public var overhead: Double? {
    guard let peak = number(.peakResident), let base = number(.baselineResident), let live = number(.peakLive), live > 0
    else { return nil }
    return (peak - base) / live
  }
}

extension WorkloadResult {
  /// The run of the harness's own cost that belongs to a subject's run: `null`, or `null[bulk]` for a subject that
  /// ends scopes in bulk, in the same pass and repetition.
  func control(of subject: Subject, _ pass: Pass, repetition: Int) -> RunResult? {
    cell(controlSubject(of: subject))?.run(pass, repetition: repetition)
  }

  /// Which null subject is a subject's baseline here.
  public func controlSubject(of subject: Subject) -> Subject {
    let bulk = Subject(.null, options: [.bulk])
    return subject.capabilities.endsScopesInBulk && cell(bulk) != nil ? bulk : Subject(.null)
  }

  /// Gross less the control's gross of the same repetition.
  func netNanoseconds(_ subject: Subject, _ run: RunResult) -> Double? {
    guard let gross = run.grossNanoseconds,
      let harness = control(of: subject, run.pass, repetition: run.repetition)?.grossNanoseconds
    else { return nil }
    return gross - harness
  }
}
