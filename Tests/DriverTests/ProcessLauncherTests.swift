import Foundation
import Testing
import Workload

@testable import Driver

@Suite(.serialized)
struct ProcessLauncherTests {
  /// Runs a shell script as a worker.
  private func run(
    _ script: String, input: String = "", timeout: Duration = .seconds(60), memoryLimit: UInt64 = .max,
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws -> LaunchOutcome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("launch-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try ("#!/bin/sh\n" + script + "\n").write(toFile: folder + "/worker", atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/worker")
    let launcher = ProcessLauncher(folder: folder, isInterrupted: isInterrupted)
    return launcher.run(
      Launch(
        program: "worker", arguments: ["--one", "two words"], environment: [.init(name: "GIVEN", value: "a b")],
        input: Array(input.utf8), timeout: timeout, memoryLimit: memoryLimit))
  }

  @Test func `input, output, arguments and status pass through`() throws {
    let outcome = try run("cat; echo \"[$1] [$2]\"; echo oops >&2; exit 3", input: "hello\n")
    #expect(outcome.ending == .exited(3))
    #expect(String(decoding: outcome.output, as: UTF8.self) == "hello\n[--one] [two words]\n")
    #expect(outcome.errorTail == "oops\n")
  }

  @Test func `the environment holds what was given and nothing of the driver's`() throws {
    let outcome = try run("/usr/bin/env")
    let names = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map { $0.prefix { $0 != "=" } }
    // The shell itself adds PWD and the like.
    #expect(names.contains("GIVEN") && !names.contains("HOME") && !names.contains("PATH"))
  }

  @Test func `much input and much output do not block each other`() throws {
    let input = String(repeating: "0123456789abcdef", count: 64 << 10)
    #expect(try run("cat", input: input).output.count == input.utf8.count)
  }

  @Test func `a worker that reads nothing is no fault`() throws {
    let outcome = try run("exec 0<&-; echo done", input: String(repeating: "x", count: 1 << 20))
    #expect(outcome.ending == .exited(0) && outcome.output == Array("done\n".utf8))
  }

  @Test func `only the end of standard error is kept`() throws {
    let outcome = try run("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done")
    #expect(outcome.errorTail.utf8.count == LaunchOutcome.errorTailLimit)
    #expect(outcome.errorTail.hasSuffix("line 1999\n"))
  }

  @Test func `signals are told`() throws {
    #expect(try run("kill -SEGV $$").ending == .signalled(SIGSEGV))
    #expect(try run("kill -KILL $$").ending == .signalled(SIGKILL))
  }

  @Test func `a closed pipe ends a worker as usual`() throws {
    // The driver ignores the signal; its children must not.
    #expect(try run("kill -PIPE $$").ending == .signalled(SIGPIPE))
  }

  @Test func `a worker that hangs is killed with all it started`() throws {
    let outcome = try run("sleep 600 & echo $!; wait", timeout: .milliseconds(300))
    #expect(outcome.ending == .timedOut)
    let child = try #require(
      Int32(String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
    // Gone, or a zombie until the system's first process has collected it.
    let state = readSmallFile("/proc/\(child)/stat")?.split(separator: ")").last?.split(separator: " ").first
    #expect(state == nil || state == "Z")
  }

  @Test func `what a worker leaves running does not keep the driver waiting`() throws {
    let outcome = try run("sleep 600 & exit 0", timeout: .seconds(30))
    #expect(outcome.ending == .exited(0))
  }

  @Test func `a worker beyond its memory is killed`() throws {
    let outcome = try run("x=0123456789abcdef; while :; do x=$x$x; done", memoryLimit: 32 << 20)
    guard case .overMemory(let bytes) = outcome.ending else {
      Issue.record("\(outcome.ending)")
      return
    }
    #expect(bytes > 32 << 20)
  }

  @Test func `an interruption ends the worker`() throws {
    #expect(try run("sleep 600", isInterrupted: { true }).ending == .interrupted)
  }

  @Test func `a missing worker is told with its path`() {
    let outcome = ProcessLauncher(folder: "/nonexistent").run(Launch(program: "worker", arguments: []))
    #expect(outcome.ending == .notStarted("the worker program /nonexistent/worker is missing"))
  }

  @Test func `nothing stays open and no child unburied`() throws {
    func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    _ = try run("exit 0")
    let before = try descriptors()
    for _ in 0..<20 { _ = try run("exit 0") }
    // Tests that run beside this one open files too, but not twenty times three.
    #expect(try descriptors() < before + 20)
  }
}
