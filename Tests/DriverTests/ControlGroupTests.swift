import Foundation
import TestSupport
import Testing

@testable import Driver

struct ControlGroupTests {
  private static let own = "/sys/fs/cgroup/user/job"

  /// A delegated tree: the group above the own one hands the memory controller down.
  private static let delegated: [String: String?] = [
    "/proc/self/cgroup": "0::/user/job\n",
    own + "/cgroup.procs": "1\n", own + "/memory.max": "max\n", own + "/cpu.max": "max 100000\n",
    own + "/cgroup.subtree_control": "\n",
    "/sys/fs/cgroup/user/cgroup.procs": "", "/sys/fs/cgroup/user/cgroup.subtree_control": "cpu memory pids\n",
  ]

  private func made(_ changes: [String: String?]) throws -> Bool {
    try FakeMachine.with(Self.delegated.merging(changes) { $1 }) { files in
      ControlGroup.make(memoryLimit: 1 << 20, files: files) != nil
    }
  }

  @Test func `a group stands beside the own one, with its limit`() throws {
    try FakeMachine.with(Self.delegated) { files in
      let group = try #require(ControlGroup.make(memoryLimit: 300 << 20, files: files))
      #expect(group.folder.hasPrefix(files.root + "/sys/fs/cgroup/user/poolbench-"))
      #expect(readSmallFile(group.folder + "/memory.max") == "\(300 << 20)")
      #expect(readSmallFile(group.folder + "/memory.oom.group") == "1")
      #expect(group.attach(4242))
      #expect(readSmallFile(group.folder + "/cgroup.procs") == "4242")
      let second = try #require(ControlGroup.make(memoryLimit: 1, files: files))
      #expect(second.folder != group.folder)
    }
  }

  @Test func `what the kernel says of a group is read`() throws {
    try FakeMachine.with(Self.delegated) { files in
      let group = try #require(ControlGroup.make(memoryLimit: 1 << 20, files: files))
      #expect(!group.wasOutOfMemory && group.peak == nil)
      try "low 0\nmax 17\noom 1\noom_kill 0\n".write(
        toFile: group.folder + "/memory.events", atomically: false, encoding: .utf8)
      #expect(!group.wasOutOfMemory)
      try "low 0\nmax 17\noom 1\noom_kill 2\n".write(
        toFile: group.folder + "/memory.events", atomically: false, encoding: .utf8)
      try "1048576\n".write(toFile: group.folder + "/memory.peak", atomically: false, encoding: .utf8)
      #expect(group.wasOutOfMemory && group.peak == 1 << 20)
    }
  }

  @Test func `there is none where nothing is delegated`() throws {
    #expect(try made([:]))
    #expect(try !made(["/sys/fs/cgroup/user/cgroup.subtree_control": "cpu pids\n"]))
    #expect(try !made(["/sys/fs/cgroup/user/cgroup.procs": nil]))
    #expect(try !made(["/proc/self/mounts": "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"]))
  }

  @Test func `no worker escapes the limits of the own group`() throws {
    #expect(try !made([Self.own + "/memory.max": "1000000\n"]))
    #expect(try !made([Self.own + "/cpu.max": "50000 100000\n"]))
    #expect(try !made([Self.own + "/memory.high": "1000000\n"]))
    #expect(try !made([Self.own + "/pids.max": "10\n"]))
    #expect(try !made([Self.own + "/cpuset.cpus": "1\n"]))
    #expect(try made([Self.own + "/cpuset.cpus": "\n", Self.own + "/memory.high": "max\n"]))
    // Within it it stays under them.
    #expect(
      try made([Self.own + "/memory.max": "1000000\n", Self.own + "/cgroup.subtree_control": "memory\n"]))
  }

  @Test func `what a dead poolbench has left is removed, and nothing else`() throws {
    try TemporaryFolder.with { folder in
      // No process has a number beyond the greatest that Linux can be told to use, 2²².
      let dead = "poolbench-999999999-1"
      let full = "poolbench-999999999-2"
      let others = ["poolbench-\(getpid())-1", "poolbench-1-x", "poolbench-x-1", "poolbench", "other-999999999-1"]
      for name in [dead, full, full + "/process"] + others {
        try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: false)
      }
      ControlGroup.removeStale(in: folder.path)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.sorted() == (others + [full]).sorted())
    }
  }

  @Test func `an empty group is removed`() throws {
    try FakeMachine.with(Self.delegated) { files in
      let group = try #require(ControlGroup.make(memoryLimit: 1 << 20, files: files))
      // The kernel's files go with a group; these ones have to be taken away.
      for name in try FileManager.default.contentsOfDirectory(atPath: group.folder) {
        try FileManager.default.removeItem(atPath: group.folder + "/" + name)
      }
      ControlGroup(folder: group.folder).remove()
      #expect(FileManager.default.fileExists(atPath: group.folder) == false)
    }
  }
}

struct MemoryWatchTests {
  /// A watch that has seen so many bytes, one after the other, and whether each was beyond its limit.
  private func watch(limit: UInt64, seeing sizes: [UInt64]) -> (watch: MemoryWatch, beyond: [Bool]) {
    var watch = MemoryWatch(limit: limit)
    let beyond = sizes.map { watch.isBeyond($0) }
    return (watch, beyond)
  }

  @Test func `it looks more often the nearer the limit is`() {
    let far = watch(limit: 1000, seeing: [100]).watch.interval
    let near = watch(limit: 1000, seeing: [600]).watch.interval
    let nearest = watch(limit: 1000, seeing: [950]).watch.interval
    #expect(nearest < near && near < far)
  }

  @Test func `it stays awake once it has been near`() {
    let (watch, _) = watch(limit: 1000, seeing: [950, 10])
    #expect(watch.peak == 950)
    #expect(watch.interval == self.watch(limit: 1000, seeing: [950]).watch.interval)
  }

  @Test func `the limit itself is allowed`() {
    #expect(watch(limit: 1000, seeing: [999, 1000, 1001, 10]).beyond == [false, false, true, false])
  }

  @Test func `without a limit it is never reached`() {
    let (watch, beyond) = watch(limit: .max, seeing: [1 << 62])
    #expect(beyond == [false] && watch.interval == MemoryWatch(limit: 1000).interval)
  }
}
