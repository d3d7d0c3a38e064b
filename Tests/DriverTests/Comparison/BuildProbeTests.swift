import Testing
import Workload

@testable import Driver

/// What the workers of two builds say before they are compared.
struct BuildProbeTests {
  private func faults(_ answer: @escaping @Sendable (Launch, WorkerRequest) -> LaunchOutcome) -> [String] {
    let launcher = FakeLauncher { launch, request, _ in answer(launch, request) }
    return BuildProbe(launcher: launcher, folders: ("/base", "/new")).faults(
      [Samples.workload()], [Subject(.threadCache).of(build: "base"), Subject(.region).of(build: "head")])
  }

  private static func record(_ digest: String) -> LaunchOutcome {
    var record = RunRecord()
    record.add(.streamDigest, digest)
    return .record(record)
  }

  @Test func `equal streams are no fault, and nothing is replayed`() {
    #expect(
      faults { launch, request in
        request.onlyGenerates && ["/base", "/new"].contains(launch.folder) ? Self.record("1") : Self.record("2")
      }.isEmpty)
  }

  @Test func `other streams are told with both digests`() {
    let faults = faults { launch, _ in Self.record(launch.folder == "/base" ? "aa" : "bb") }
    #expect(
      faults == [
        "sample: the two builds draw different streams (BASE aa, NEW bb), so they would do different work"
      ])
  }

  @Test(arguments: [
    (64, "", "this worker speaks protocol 2, the driver asks for 3: build both anew", "speaks protocol 2"),
    (64, "", "'--protocol' is not an argument of a worker", "it speaks a protocol before 2, this poolbench 3"),
    (0, "poolbench-record 9\nend\n", "", "it speaks protocol 9, this poolbench 3"),
    (0, "nothing", "", "it wrote no record"), (1, "", "", "it ended as exited(1)"),
  ])
  func `another protocol is told for the side that speaks it`(
    status: Int32, output: String, errors: String, words: String
  ) {
    let faults = faults { launch, _ in
      launch.folder == "/base"
        ? Self.record("1")
        : LaunchOutcome(ending: .exited(status), output: Array(output.utf8), errorTail: errors)
    }
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("NEW's poolbench-glibc cannot be asked for its stream: ") == true)
    #expect(faults.first?.contains(words) == true, "\(faults)")
  }
}
