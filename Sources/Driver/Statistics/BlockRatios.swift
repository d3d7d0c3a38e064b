import Foundation
public import Workload

extension WorkloadResult {
  /// Logarithms of one subject's time for an operation ÷ another's, block by block in which both have one and were
  /// measured alike.
  public func timeLogarithms(of subject: Subject, against other: Subject) -> [Double] {
    guard let own = cell(subject), let base = cell(other) else { return [] }
    let times = Dictionary(
      base.measured(.throughput).map { ($0.repetition, $0) }, uniquingKeysWith: { first, _ in first })
    return own.measured(.throughput).compactMap { run in
      guard let twin = times[run.repetition], twin.tookTurns == run.tookTurns, let time = run.grossNanoseconds,
        let base = twin.grossNanoseconds, time > 0, base > 0
      else { return nil }
      return log(time / base)
    }
  }

  /// Whom a subject is compared with: itself in the reference's build where the builds differ, else the reference.
  func counterpart(of subject: Subject, reference: Subject) -> Subject {
    let same = subject.of(build: reference.build)
    return subject.build != reference.build && cell(same) != nil ? same : reference
  }

  /// Whether the time of every native subject is known well enough against its counterpart's to stop.
  func isPrecise(against reference: Subject) -> Bool {
    cells.allSatisfy { cell in
      let other = counterpart(of: cell.subject, reference: reference)
      // What is no comparison of builds in a comparison of builds decides nothing.
      let isIdle = !reference.build.isEmpty && cell.subject.build == reference.build
      if isIdle || cell.subject == other || cell.subject.base == .null || cell.fit != .native { return true }
      // What has failed, or has nothing to be compared with any more, more blocks would not mend.
      if cell.status.kind != .ok || self.cell(other)?.status.kind != .ok { return true }
      let logarithms = timeLogarithms(of: cell.subject, against: other)
      if logarithms.isEmpty { return true }
      return Bootstrap.ratio(paired: logarithms, seed: seed).map(StoppingRule.suffices) ?? false
    }
  }
}
