import Foundation
import Workload

/// A worker process that the driver feeds, listens to, watches and buries.
struct AttendedWorker {
  private(set) var child: ChildProcess
  private let launch: Launch
  /// Still to be written to its standard input.
  private var unwritten: ArraySlice<UInt8>
  /// Whether more is written to its standard input later.
  private let keepsInput: Bool
  private var output: [UInt8] = []
  private var errors: [UInt8] = []
  /// Why the driver has killed it.
  private var reason: LaunchOutcome.Ending?
  /// Time that counts for its timeout.
  private(set) var active = Duration.zero
  /// Once it has ended and is out of the process table.
  private(set) var outcome: LaunchOutcome?
  /// What it has said in turns since this was last emptied.
  var messages: [StepMessage] = []
  private var reader = StepReader()
  private(set) var memory: MemoryWatch
  /// Where the kernel itself watches over its memory.
  private let group: ControlGroup?

  init(_ child: ChildProcess, _ launch: Launch, keepsInput: Bool) {
    self.child = child
    self.launch = launch
    self.keepsInput = keepsInput
    // The description ends where commands follow it, as a worker knows by the zero byte.
    unwritten = (keepsInput ? launch.input + [0] : launch.input)[...]
    memory = MemoryWatch(limit: launch.memoryLimit)
    group = launch.memoryLimit < .max ? ControlGroup.make(memoryLimit: launch.memoryLimit) : nil
    // Where it cannot be put there, watching has to do; the empty group is removed with the worker.
    _ = group?.attach(child.identifier)
  }

  var isControl: Bool { launch.isControl }

  /// It has closed its streams, as it does just before it ends.
  var isClosing: Bool { child.output < 0 && child.errors < 0 }
  var wantsToWrite: Bool { !unwritten.isEmpty }

  /// Writes what its pipe takes; closes its input behind the last byte unless more will follow.
  mutating func feed() {
    while !unwritten.isEmpty {
      guard let count = child.writeSome(unwritten) else {
        unwritten = []
        break
      }
      if count == 0 { return }
      unwritten = unwritten.dropFirst(count)
    }
    if !keepsInput { child.closeInput() }
  }

  mutating func tell(_ line: String) {
    unwritten += Array(line.utf8)
    feed()
  }

  /// Takes what is there to read.
  mutating func listen() {
    var output = output
    var errors = errors
    self.output = []
    child.drain(.output) { bytes in
      output += bytes.prefix(LaunchOutcome.outputLimit - output.count)
      if keepsInput { messages += reader.read(bytes) }
    }
    child.drain(.errors) { bytes in
      errors += bytes
      let excess = errors.count - LaunchOutcome.errorTailLimit
      if excess > 0 { errors.removeFirst(excess) }
    }
    self.output = output
    self.errors = errors
  }

  mutating func charge(_ time: Duration) { active += time }

  /// Looks whether it has ended, and clears up after it.
  mutating func buryIfEnded() {
    guard child.hasEnded else { return }
    // Whatever the worker left behind in its group ends with it.
    child.killGroup()
    listen()
    guard let status = child.reap() else { return }
    child.closeAll()
    if reason == nil, let group, group.wasOutOfMemory { reason = .overMemory(group.peak ?? launch.memoryLimit) }
    group?.remove()
    outcome = LaunchOutcome(
      ending: reason ?? Self.ending(of: status), output: output, errorTail: String(decoding: errors, as: UTF8.self),
      elapsed: active)
  }

  mutating func kill(_ reason: LaunchOutcome.Ending) {
    if self.reason != nil || outcome != nil { return }
    self.reason = reason
    child.killGroup()
  }

  var isTimedOut: Bool { active >= launch.timeout }

  /// Looks at its memory. Its resident bytes if they are beyond what is allowed.
  mutating func bytesOverLimit() -> UInt64? {
    guard launch.memoryLimit < .max, let resident = SystemMemory.residentBytes(of: child.identifier) else { return nil }
    return memory.isBeyond(resident) ? resident : nil
  }

  /// Decodes a wait status as `WIFEXITED`, `WEXITSTATUS` and `WTERMSIG` do.
  private static func ending(of status: Int32) -> LaunchOutcome.Ending {
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
  }
}
