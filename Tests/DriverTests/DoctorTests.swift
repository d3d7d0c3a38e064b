import Foundation
import TestSupport
import Testing
import Workload

@testable import Driver

struct DoctorTests {
  /// Findings of the files alone.
  private func findings(_ changes: [String: String?] = [:]) throws -> [Finding] {
    try FakeMachine.with(changes) { files in
      ProcessorFindings(files: files).all + MemoryFindings(files: files).all + SystemFindings(files: files).all
        + LimitFindings(files: files).all
    }
  }

  private func finding(_ name: String, _ changes: [String: String?]) throws -> Finding {
    try #require(try findings(changes).first { $0.name == name })
  }

  @Test func `a sound machine has nothing to complain of`() throws {
    for finding in try findings() where finding.name != "others' work" && finding.name != "steal" {
      #expect(finding.verdict == .fine, "\(finding)")
    }
  }

  @Test func `a machine that says nothing is no reason to fail`() throws {
    let none = FakeMachine.sound.mapValues { _ in String?.none }
    for finding in try findings(none) {
      #expect(finding.verdict == .unknown || finding.verdict == .fine || finding.name == "processors", "\(finding)")
    }
  }

  @Test(arguments: [
    ("powersave", "acpi-cpufreq", Finding.Verdict.misleading), ("powersave", "intel_pstate", .notable),
    ("powersave", "amd-pstate-epp", .notable), ("schedutil", "acpi-cpufreq", .notable),
    ("performance", "intel_pstate", .fine),
  ])
  func `a governor is judged with its driver`(governor: String, driver: String, verdict: Finding.Verdict) throws {
    let cpu = "/sys/devices/system/cpu/cpu"
    let found = try finding(
      "governor",
      [
        cpu + "0/cpufreq/scaling_governor": governor, cpu + "1/cpufreq/scaling_governor": governor,
        cpu + "0/cpufreq/scaling_driver": driver,
      ])
    #expect(found.verdict == verdict)
    #expect((found.remedy == nil) == (verdict == .fine))
  }

  @Test func `processors with different governors are told`() throws {
    let found = try finding("governor", ["/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave"])
    #expect(found.found == "performance, powersave" && found.verdict == .notable)
  }

  @Test func `turbo is found on both makers' machines`() throws {
    let intel = "/sys/devices/system/cpu/intel_pstate/no_turbo"
    #expect(try finding("turbo", [intel: "0"]).remedy == "echo 1 | sudo tee \(intel)")
    let other = "/sys/devices/system/cpu/cpufreq/boost"
    #expect(try finding("turbo", [intel: nil, other: "1"]).remedy == "echo 0 | sudo tee \(other)")
    #expect(try finding("turbo", [intel: nil, other: "0"]).verdict == .fine)
    #expect(try finding("turbo", [intel: nil]).verdict == .unknown)
  }

  @Test func `siblings that share a core are told`() throws {
    let list = "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list"
    #expect(try finding("SMT", [list: "0-1"]).verdict == .notable)
    #expect(try finding("SMT", [list: "1"]).found == "off")
  }

  @Test func `memory's settings are told with their remedies`() throws {
    let pages = "/sys/kernel/mm/transparent_hugepage/enabled"
    #expect(try finding("huge pages", [pages: "[always] madvise never"]).remedy == "echo madvise | sudo tee \(pages)")
    let layout = try finding("ASLR", ["/proc/sys/kernel/randomize_va_space": "0"])
    #expect(layout.found == "off" && layout.verdict == .notable)
    let swapped = "MemAvailable: 6000000 kB\nSwapTotal: 2048 kB\nSwapFree: 1024 kB\n"
    let swap = try finding("swap", ["/proc/meminfo": swapped])
    #expect(swap.found == "2 MiB, 1 MiB used" && swap.verdict == .notable)
    #expect(try finding("available", ["/proc/meminfo": "MemAvailable: 100000 kB\n"]).verdict == .misleading)
    #expect(try finding("available", ["/proc/meminfo": "MemAvailable: 900000 kB\n"]).verdict == .notable)
  }

  @Test func `what a control group leaves over counts as what can be had`() throws {
    let group = "/sys/fs/cgroup/job/"
    let found = try finding(
      "available", [group + "memory.max": "\(1 << 30)", group + "memory.current": "\(900 << 20)"])
    #expect(found.found == "124 MiB (of the control group)" && found.verdict == .misleading)
  }

  @Test func `memory that can be had is what the tightest group leaves, without the cache it can give back`() throws {
    let (own, above) = ("/sys/fs/cgroup/job/", "/sys/fs/cgroup/")
    func available(_ changes: [String: String?]) throws -> UInt64? {
      try FakeMachine.with(changes) { SystemMemory.available($0)?.bytes }
    }
    #expect(try available([:]) == 6_000_000 << 10)
    let limited: [String: String?] = [
      own + "memory.max": "\(1 << 30)", own + "memory.current": "\(100 << 20)",
      above + "memory.max": "\(2 << 30)", above + "memory.current": "\(1900 << 20)",
    ]
    #expect(try available(limited) == (2 << 30) - (1900 << 20))
    let cached = limited.merging([above + "memory.stat": "anon 1\ninactive_file \(1500 << 20)\n"]) { $1 }
    #expect(try available(cached) == (1 << 30) - (100 << 20))
    #expect(try FakeMachine.with(limited) { SystemMemory.total($0) } == 1 << 30)
    let old: [String: String?] = [
      "/proc/self/mounts": "cgroup /cg/mem cgroup rw,memory 0 0\n", "/proc/self/cgroup": "4:memory:/a/b\n",
      "/cg/mem/a/b/memory.limit_in_bytes": "9223372036854771712\n",
      "/cg/mem/a/memory.limit_in_bytes": "\(512 << 20)\n", "/cg/mem/a/memory.usage_in_bytes": "\(112 << 20)\n",
      "/cg/mem/a/memory.stat": "inactive_file 4096\ntotal_inactive_file \(12 << 20)\n",
    ]
    #expect(try available(old) == 412 << 20)
    #expect(try FakeMachine.with { SystemMemory.total($0) } == 8_000_000 << 10)
  }

  @Test func `a machine's limits are the tightest of all groups, in the words of version 2`() throws {
    func limits(_ changes: [String: String?]) throws -> [String] {
      try FakeMachine.with(changes) { ControlGroupFiles(files: $0).limits }
    }
    #expect(try limits([:]).isEmpty)
    #expect(
      try limits([
        "/sys/fs/cgroup/memory.max": "1000\n", "/sys/fs/cgroup/job/memory.max": "2000\n",
        "/sys/fs/cgroup/job/cpu.max": "50000 100000\n", "/sys/fs/cgroup/cpu.max": "20000 20000\n",
      ]) == ["memory.max=1000", "cpu.max=50000 100000"])
    #expect(
      try limits([
        "/proc/self/mounts": "cgroup /cg/cpu cgroup rw,cpu,cpuacct 0 0\ncgroup /cg/mem cgroup rw,memory 0 0\n",
        "/proc/self/cgroup": "4:memory:/x\n1:cpu,cpuacct:/x\n", "/cg/cpu/x/cpu.cfs_quota_us": "-1\n",
        "/cg/cpu/x/cpu.cfs_period_us": "100000\n", "/cg/cpu/cpu.cfs_quota_us": "150000\n",
        "/cg/cpu/cpu.cfs_period_us": "100000\n", "/cg/mem/x/memory.limit_in_bytes": "4096\n",
      ]) == ["memory.max=4096", "cpu.max=150000 100000"])
  }

  @Test func `limits hold from every group above, of both versions`() throws {
    let modern = try finding("processor time", ["/sys/fs/cgroup/cpu.max": "50000 100000"])
    #expect(modern.found == "0.5 of 2 processors" && modern.verdict == .misleading)
    let old: [String: String?] = [
      "/proc/self/mounts": "cgroup /cg/cpu cgroup rw,cpu,cpuacct 0 0\ncgroup /cg/mem cgroup rw,memory 0 0\n",
      "/proc/self/cgroup": "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n",
      "/cg/cpu/cpu.cfs_quota_us": "150000\n", "/cg/cpu/cpu.cfs_period_us": "100000\n",
      "/cg/mem/memory.limit_in_bytes": "\(512 << 20)\n",
    ]
    // The group's own folder is not to be seen from inside the container: its root is.
    let time = try finding("processor time", old)
    #expect(time.found == "1.5 of 2 processors" && time.verdict == .notable)
    #expect(try findings(old).contains { $0.section == .limits && $0.name == "memory" && $0.found == "512 MiB" })
    #expect(try finding("container", old).found == "docker")
  }

  @Test func `a group that was stopped meanwhile misleads`() throws {
    try FakeMachine.with(["/sys/fs/cgroup/job/cpu.max": "150000 100000"]) { files in
      #expect(LimitFindings(files: files, throttlings: 3).processorTime.verdict == .misleading)
      #expect(LimitFindings(files: files).processorTime.verdict == .notable)
    }
  }

  @Test func `throttlings are counted over all groups`() throws {
    let stat = "usage_usec 1\nnr_periods 9\nnr_throttled 4\n"
    try FakeMachine.with(["/sys/fs/cgroup/job/cpu.stat": stat, "/sys/fs/cgroup/cpu.stat": stat]) { files in
      #expect(ControlGroupFiles(files: files).throttlings == 8)
    }
  }

  @Test func `processors, clock and host are told`() throws {
    let one = try finding("processors", ["/proc/self/status": "Cpus_allowed_list:\t1\n"])
    #expect(one.found == "1 of 2" && one.verdict == .notable)
    let clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
    #expect(try finding("clock source", [clock: "hpet"]).verdict == .misleading)
    #expect(try finding("clock source", [clock: "kvm-clock"]).why.contains("of the hypervisor"))
    let other = try finding("clock source", [clock: "timer"])
    #expect(other.verdict == .notable && !other.why.contains("hypervisor"))
    let host = try finding(
      "machine", ["/proc/cpuinfo": "flags : fpu hypervisor\n", "/sys/class/dmi/id/sys_vendor": "QEMU"])
    #expect(host.found == "virtual (QEMU)")
  }

  @Test func `others' work is judged by what it leaves free`() throws {
    func verdict(idle: Double) throws -> Finding.Verdict {
      let time = try #require(ProcessorTime(reading: "cpu  \(100 - Int(idle)) 0 0 \(Int(idle)) 0 0 0 0 0 0"))
      return try FakeMachine.with { SystemFindings(files: $0, idle: time).busy.verdict }
    }
    #expect(try verdict(idle: 98) == .fine)
    #expect(try verdict(idle: 50) == .notable)
    #expect(try verdict(idle: 20) == .misleading)
  }

  @Test func `stolen time is what was stolen meanwhile`() throws {
    let start = try #require(ProcessorTime(reading: "cpu  100 0 0 900 0 0 0 500 0 0\n"))
    let end = try #require(ProcessorTime(reading: "cpu  180 0 0 1000 0 0 0 520 0 0\n"))
    #expect(end.since(start).stolenShare == 0.1)
    #expect(ProcessorTime(reading: "intr 5") == nil)
    try FakeMachine.with { files in
      #expect(SystemFindings(files: files, whole: end.since(start)).stolen.verdict == .notable)
      #expect(SystemFindings(files: files, whole: end).stolen.verdict == .misleading)
    }
  }

  @Test func `only the allowed processors count`() throws {
    let stat = """
      cpu  1000 0 0 1000 0 0 0 100 0 0
      cpu0 900 0 0 100 0 0 0 100 0 0
      cpu1 40 0 0 400 0 0 0 0 0 0
      cpu2 60 0 0 500 0 0 0 0 0 0
      intr 5

      """
    let time = try #require(ProcessorTime(reading: stat, of: [1, 2]))
    #expect(time.busyShare == 0.1 && time.stolenShare == 0)
    // A processor that has no line: the one of all stands for it.
    for processors in [[], [7], [1, 7]] {
      #expect(ProcessorTime(reading: stat, of: processors) == ProcessorTime(reading: "cpu 1000 0 0 1000 0 0 0 100"))
    }
    let files: [String: String?] = [
      "/proc/stat": stat, "/proc/self/status": "Cpus_allowed_list:\t1-2\n", "/sys/devices/system/cpu/online": nil,
    ]
    try FakeMachine.with(files) { files in
      #expect(files.onlineProcessors == [0, 1, 2])
      let busy = SystemFindings(files: files, idle: time).busy
      #expect(busy.found == "0.20 of 2 processors busy" && busy.verdict == .notable)
    }
  }

  @Test func `lists of processors are read as the kernel writes them`() {
    #expect(SystemFiles.processors("0-2,5") == [0, 1, 2, 5])
    #expect(SystemFiles.processors("7") == [7])
    #expect(SystemFiles.processors("3-1") == nil && SystemFiles.processors("x") == nil)
  }

  @Test func `the clock is judged by the record of a worker`() {
    var record = Samples.record(Subject(.null), .latency)
    record.add(.clockStepNanoseconds, "10")
    let findings = WorkerFindings.clock(record)
    #expect(findings.map(\.verdict) == [.fine, .fine])
    #expect(findings[0].found == "10 ns" && findings[1].found.hasPrefix("p50 60 ns"))
    var coarse = Samples.record(Subject(.null), .latency)
    coarse.add(.clockStepNanoseconds, "4000")
    #expect(WorkerFindings.clock(coarse)[0].verdict == .misleading)
  }

  @Test func `an allocator that is another one's misleads`() throws {
    let launcher = FakeLauncher { _, request, _ in
      .record(
        Samples.record(request.subject == Subject(.jemalloc) ? Subject(.jemalloc) : Subject(.glibc), request.pass))
    }
    try FakeMachine.with { files in
      let workers = WorkerFindings(files: files, launcher: launcher, preloads: [:])
      #expect(workers.identity(of: Subject(.jemalloc)).finding.verdict == .fine)
      let wrong = workers.identity(of: Subject(.tcmalloc)).finding
      #expect(wrong.verdict == .misleading && wrong.why.contains("tcmalloc"))
    }
  }

  @Test func `missing libraries come with the package that has them`() throws {
    let launcher = FakeLauncher { _, _, _ in LaunchOutcome(ending: .notStarted("missing")) }
    try FakeMachine.with { files in
      let workers = WorkerFindings(files: files, launcher: launcher, preloads: [:])
      #expect(workers.identity(of: Subject(.jemalloc)).finding.remedy == "sudo apt-get install libjemalloc-dev")
      #expect(workers.clock().map(\.verdict) == [.misleading])
    }
  }

  @Test func `counters that work or are forbidden are told`() throws {
    try FakeMachine.with(["/proc/sys/kernel/perf_event_paranoid": "4"]) { files in
      let workers = WorkerFindings(files: files, launcher: FakeLauncher(), preloads: [:])
      #expect(workers.counters(nil).remedy == "sudo sysctl kernel.perf_event_paranoid=2")
      var record = RunRecord()
      record.add(.instructions, 12)
      #expect(workers.counters(record).verdict == .fine)
    }
  }
}
