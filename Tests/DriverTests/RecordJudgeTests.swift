import Foundation
import Testing
import Workload

@testable import Driver

struct RecordJudgeTests {
  private func judge(
    _ outcome: LaunchOutcome, _ subject: Subject = Subject(.glibc), _ pass: Pass = .throughput, digest: String? = nil,
    preload: String? = nil
  ) -> RunStatus {
    RecordJudge(subject: subject, pass: pass, preload: preload, streamDigest: digest).judge(outcome).status
  }

  /// A good record with one line replaced, or left out.
  private func record(
    _ key: RecordKey, _ value: String?, _ subject: Subject = Subject(.glibc), _ pass: Pass = .throughput
  ) -> LaunchOutcome {
    var changed = RunRecord()
    for field in Samples.record(subject, pass).fields where field.key != key.rawValue {
      if let name = RecordKey(rawValue: field.key) { changed.add(name, field.value) }
    }
    if let value { changed.add(key, value) }
    return .record(changed)
  }

  @Test(arguments: Pass.allCases)
  func `a good record is ok`(pass: Pass) {
    for subject in [Subject(.glibc), Subject(.jemalloc), Subject(.tcmalloc), Subject(.region), Subject(.null)] {
      #expect(judge(.record(Samples.record(subject, pass)), subject, pass, digest: Samples.digest) == .ok)
    }
  }

  @Test func `the ways in which a worker ends have words of their own`() {
    #expect(judge(LaunchOutcome(ending: .signalled(SIGSEGV))).words == "crashed (SIGSEGV)")
    #expect(judge(LaunchOutcome(ending: .signalled(SIGABRT), errorTail: "double free\n\n")).note == "double free")
    #expect(judge(LaunchOutcome(ending: .signalled(SIGKILL))).words == "killed (SIGKILL)")
    #expect(judge(LaunchOutcome(ending: .timedOut, elapsed: .seconds(90))).sentence.contains("no end after 1:30"))
    #expect(judge(LaunchOutcome(ending: .timedOut)).words == "timed out")
    #expect(
      judge(LaunchOutcome(ending: .overMemory(1_288_490_189))).words == "out of memory (at 1.20 GiB resident)")
    #expect(judge(LaunchOutcome(ending: .notStarted("missing"))).sentence == "library missing: missing")
    #expect(judge(LaunchOutcome(ending: .exited(3), errorTail: "no\n")).note == "the worker ended with status 3: no")
  }

  @Test func `a library that the loader does not find is named`() {
    let message =
      "/x/poolbench-jemalloc: error while loading shared libraries: libjemalloc.so.2: cannot open shared object file"
    let status = judge(LaunchOutcome(ending: .exited(127), errorTail: message))
    #expect(status.kind == .libraryMissing)
    #expect(status.note == "libjemalloc.so.2: cannot open shared object file")
  }

  @Test func `the worker's own verdicts are taken over`() {
    #expect(judge(record(.status, "failed")).kind == .failed)
    #expect(judge(record(.status, "unsupported")).kind == .skipped)
    let lost = record(.status, "out-of-memory", Subject(.glibc), .memory)
    #expect(judge(lost, Subject(.glibc), .memory).words == "out of memory (at 80.0 MiB live)")
    #expect(judge(record(.note, "clock steps by 10 ns")) == RunStatus(.ok, note: "clock steps by 10 ns"))
  }

  @Test func `what a library complains of stands beside its figures`() {
    var complaint = LaunchOutcome.record(Samples.record(Subject(.glibc), .throughput))
    complaint.errorTail = "first\n<lib>: Invalid conf pair: foo:bar\n\n"
    #expect(judge(complaint) == RunStatus(.ok, note: "on standard error: <lib>: Invalid conf pair: foo:bar"))
    var both = record(.note, "clock steps by 10 ns")
    both.errorTail = "odd\n"
    #expect(judge(both).note == "clock steps by 10 ns; on standard error: odd")
  }

  @Test func `nonsense fails the cell`() {
    #expect(judge(LaunchOutcome(ending: .exited(0))).note == "the worker wrote no record")
    #expect(judge(LaunchOutcome(ending: .exited(0), output: Array("hello\n".utf8))).kind == .failed)
    let text = Samples.record(Subject(.glibc), .throughput).text
    let cut = LaunchOutcome(ending: .exited(0), output: Array(text.dropLast(4).utf8))
    #expect(judge(cut).note == "the worker's record stops before its end")
    let other = LaunchOutcome(ending: .exited(0), output: Array("poolbench-record 99\nend\n".utf8))
    #expect(judge(other).note.contains("protocol 99"))
    #expect(judge(record(.ops, nil)).note == "the record lacks 'ops'")
    #expect(judge(record(.wallNanoseconds, "0")).note == "the record lacks 'wall_ns'")
    #expect(judge(record(.wallNanoseconds, "fast")).note == "the record lacks 'wall_ns'")
    #expect(judge(record(.subject, "null")).note == "the record is of 'null', not of 'glibc'")
    #expect(judge(record(.pass, "memory")).kind == .failed)
    #expect(judge(record(.violation, "lane 0, operation 7: overlap")).note.hasPrefix("verification: lane 0"))
    let latency = record(.histogram, "allocate 999999:1", Subject(.glibc), .latency)
    #expect(judge(latency, Subject(.glibc), .latency).kind == .failed)
  }

  @Test func `malloc has to be whose it should be`() {
    #expect(
      judge(record(.mallocOwner, "/lib/x86_64-linux-gnu/libc.so.6", Subject(.jemalloc)), Subject(.jemalloc)).note
        == "malloc is /lib/x86_64-linux-gnu/libc.so.6's, not libjemalloc's")
    #expect(judge(record(.freeOwner, "/usr/lib/libtcmalloc.so.4")).note.hasPrefix("free is"))
    #expect(judge(record(.freeOwner, nil)).note == "the record does not say who owns free")
  }

  @Test func `a preloaded library is compared by where its path leads`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("judge-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let real = folder.appendingPathComponent("libmi.so.2.0")
    let link = folder.appendingPathComponent("libmi.so")
    try Data().write(to: real)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: real)
    let subject = Subject(.preloaded, preloadName: "mi")
    func status(_ owner: String) -> RunStatus {
      var changed = RunRecord()
      for field in Samples.record(subject, .throughput).fields {
        guard let key = RecordKey(rawValue: field.key) else { continue }
        changed.add(key, key == .mallocOwner || key == .freeOwner ? owner : field.value)
      }
      return judge(.record(changed), subject, preload: link.path)
    }
    #expect(status(real.path).kind == .ok)
    #expect(status("/lib/x86_64-linux-gnu/libc.so.6").kind == .failed)
  }

  @Test func `a stream of its own is a failure`() {
    let outcome = LaunchOutcome.record(Samples.record(Subject(.glibc), .throughput))
    #expect(judge(outcome, digest: "1234").note == "its stream 00000000cafef00d is not the other subjects' 1234")
  }
}
