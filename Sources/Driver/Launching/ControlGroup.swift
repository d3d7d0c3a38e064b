import Foundation
import Synchronization

/// A control group (version 2) for a single worker: the kernel itself ends what goes beyond the memory limit, counting
/// every process that the worker started.
///
/// It exists only where the system delegates: as root, in a service or scope with `Delegate=yes`, or in a user's own
/// slice of systemd. Everywhere else ``make(memoryLimit:files:)`` answers nil and ``MemoryWatch`` has to do.
public struct ControlGroup: Sendable {
  /// The group's folder.
  let folder: String

  /// Makes a group of its own beneath or beside this process's group.
  ///
  /// - Parameter memoryLimit: in bytes, of all its processes and their page cache together.
  /// - Returns: nil where that cannot be done. Nothing stays behind then.
  public static func make(memoryLimit: UInt64, files: SystemFiles = SystemFiles()) -> ControlGroup? {
    guard let parent = parent(files) else { return nil }
    let number = serial.next()
    if number == 1 { removeStale(in: parent) }
    let folder = "\(parent)/poolbench-\(getpid())-\(number)"
    guard unsafe mkdir(folder, 0o755) == 0 else { return nil }
    let group = ControlGroup(folder: folder)
    guard group.write("\(memoryLimit)", to: "memory.max") else {
      group.remove()
      return nil
    }
    // Neither is there on every kernel, and the limit holds without them: pages must not escape into swap, and what
    // the worker started ends with it.
    _ = group.write("0", to: "memory.swap.max")
    _ = group.write("1", to: "memory.oom.group")
    return group
  }

  /// Removes the groups that a poolbench which was killed has left in `parent`. Those that still hold processes stay:
  /// it might be one that runs in another namespace, where processes are numbered differently.
  static func removeStale(in parent: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
      let parts = name.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "poolbench", let owner = pid_t(parts[1]), owner > 0, Int(parts[2]) != nil
      else { continue }
      if kill(owner, 0) != 0, errno == ESRCH { unsafe rmdir("\(parent)/\(name)") }
    }
  }

  /// A folder in which a group with a memory limit can be made and a child of this process be put: the own group if it
  /// hands the controller down, else the one above. A group that holds processes hands nothing down, except at the
  /// root (kernel documentation, "no internal process constraint"), so that the one above is the usual place.
  private static func parent(_ files: SystemFiles) -> String? {
    guard let (own, root) = ControlGroupFiles(files: files).unified else { return nil }
    let above = (own as NSString).deletingLastPathComponent
    // Beside a group with limits of its own a worker would escape them.
    let isLimited =
      ["memory.max", "memory.high", "pids.max", "cpu.max"].contains {
        !(files.word(own + "/" + $0) ?? "max").hasPrefix("max")
      } || files.word(own + "/cpuset.cpus") != nil
    let candidates = own == root || isLimited ? [own] : [own, above]
    return candidates.first { folder in
      let handedDown = files.word(folder + "/cgroup.subtree_control")?.split(separator: " ") ?? []
      // A move needs the right to write to the list of the group that both ends have in common.
      return unsafe handedDown.contains("memory") && access(files.root + folder, W_OK) == 0
        && access(files.root + folder + "/cgroup.procs", W_OK) == 0
    }.map { files.root + $0 }
  }

  /// Numbers groups within this process.
  private static let serial = Serial()

  /// Puts a process into the group. What it holds by then stays charged to the group it comes from, so this is done
  /// right after its start.
  ///
  /// - Returns: whether the kernel did it.
  public func attach(_ process: Int32) -> Bool { write("\(process)", to: "cgroup.procs") }

  /// Whether the kernel has ended a process of it for the limit.
  public var wasOutOfMemory: Bool {
    for line in (readSmallFile(folder + "/memory.events") ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return words[1] != "0" }
    }
    return false
  }

  /// The most that all its processes held at once, in bytes; nil before Linux 5.19.
  public var peak: UInt64? {
    readSmallFile(folder + "/memory.peak").flatMap { UInt64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// Ends what is still in it, also what left the worker's process group, and removes it.
  public func remove() {
    if unsafe rmdir(folder) == 0 || errno != EBUSY { return }
    _ = write("1", to: "cgroup.kill")
    // Its processes are gone a moment after they were killed.
    for _ in 0..<100 {
      usleep(1000)
      if unsafe rmdir(folder) == 0 || errno != EBUSY { return }
    }
  }

  /// The kernel's answer comes as an error of `write`. A file is only ever made in a folder that is no control group.
  private func write(_ text: String, to name: String) -> Bool {
    let descriptor = unsafe open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var text = text
    return text.withUTF8 { bytes in unsafe Foundation.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count }
  }
}

/// Counts from 1, for all threads.
private final class Serial: Sendable {
  private let last = Mutex(0)

  func next() -> Int {
    last.withLock { value in
      value += 1
      return value
    }
  }
}
