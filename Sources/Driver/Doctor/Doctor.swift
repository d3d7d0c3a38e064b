import Foundation
public import Workload

/// Examines the machine: what the system says of itself, what workers find out, and how much the same program differs
/// from itself.
public struct Doctor {
  private let files: SystemFiles
  private let launcher: any Launcher
  private let subjects: [Subject]
  private let preloads: [String: String]
  private let builds: [String: String]

  /// - Parameters:
  ///   - subjects: those whose `malloc` is looked at; pools have none of their own.
  ///   - preloads: the library of each preloaded subject.
  ///   - builds: the folder of each build that a subject is of.
  public init(
    files: SystemFiles = SystemFiles(), launcher: any Launcher, subjects: [Subject], preloads: [String: String],
    builds: [String: String] = [:]
  ) {
    self.files = files
    self.launcher = launcher
    self.subjects = subjects.filter(\.base.isMalloc)
    self.preloads = preloads
    self.builds = builds
  }

  /// How long it watches what others do before it works itself.
  private static let watching: Duration = .milliseconds(500)

  /// - Parameters:
  ///   - effort: of the noise floor; nil to leave it out.
  ///   - progress: told what comes next.
  /// - Throws: `NoiseFault` only for an interruption; a worker that fails is a finding.
  public func examine(
    effort: NoiseFloor.Effort?, progress: (String) -> Void = { _ in }
  ) throws(NoiseFault) -> Diagnosis {
    progress("watching what else runs")
    let groups = ControlGroupFiles(files: files)
    let throttlings = groups.throttlings
    let start = processorTime()
    usleep(UInt32(Self.watching / .microseconds(1)))
    let idle = difference(start, processorTime())

    progress("asking the workers")
    let workers = WorkerFindings(files: files, launcher: launcher, preloads: preloads, builds: builds)
    let identities = subjects.map { workers.identity(of: $0) }
    let clock = workers.clock() + [workers.counters(identities.lazy.compactMap(\.record).first)]

    var noise: [Finding] = []
    var floor: NoiseFloor?
    if let effort {
      do throws(NoiseFault) {
        let measured = try NoiseFloor.measure(
          launcher: launcher, processors: files.allowedProcessors.suffix(1), effort: effort
        ) { mode, pair, pairs in progress("noise floor by \(mode): pair \(pair) of \(pairs)") }
        floor = measured
        noise = NoiseFindings(floor: measured).all
      } catch {
        if error.isInterruption { throw error }
        noise = [Finding(.noise, "not measured", found: error.description, .misleading)]
      }
    }

    let system = SystemFindings(files: files, idle: idle, whole: difference(start, processorTime()))
    let limits = LimitFindings(files: files, throttlings: groups.throttlings - throttlings)
    return Diagnosis(
      findings: ProcessorFindings(files: files).all + MemoryFindings(files: files).all + system.all + limits.all
        + clock + identities.map(\.finding) + noise, floor: floor)
  }

  private func processorTime() -> ProcessorTime? {
    files.text("/proc/stat").flatMap { ProcessorTime(reading: $0, of: files.allowedProcessors) }
  }

  private func difference(_ start: ProcessorTime?, _ end: ProcessorTime?) -> ProcessorTime? {
    start.flatMap { start in end.map { $0.since(start) } }
  }
}
