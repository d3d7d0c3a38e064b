import Foundation
import TestSupport

@testable import Driver

/// Files that describe a machine, in a folder of their own.
enum FakeMachine {
  /// A machine with nothing to complain of: two processors, no limits, no hypervisor.
  static let sound: [String: String] = [
    "/sys/devices/system/cpu/online": "0-1\n",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
    "/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "performance\n",
    "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list": "0\n",
    "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "1\n",
    "/sys/devices/system/cpu/intel_pstate/no_turbo": "1\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "/proc/sys/kernel/randomize_va_space": "2\n",
    "/proc/sys/kernel/perf_event_paranoid": "2\n",
    "/proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable: 6000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
    "/proc/loadavg": "0.10 0.10 0.10 1/100 4242\n",
    "/proc/stat": "cpu  100 0 50 800 0 0 0 0 0 0\n",
    "/proc/cpuinfo": "model name\t: Test CPU\nflags\t\t: fpu tsc\n",
    "/proc/self/status": "Name:\tpoolbench\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n",
    "/proc/self/cgroup": "0::/job\n",
    "/proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n",
    "/sys/fs/cgroup/job/memory.max": "max\n",
    "/sys/fs/cgroup/job/cpu.max": "max 100000\n",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
  ]

  /// Calls `body` with the sound machine after `changes`; a nil takes a file away.
  static func with<Value>(
    _ changes: [String: String?] = [:], _ body: (SystemFiles) throws -> Value
  ) throws -> Value {
    try TemporaryFolder.with { folder in
      var files = sound
      for (path, text) in changes { files[path] = text }
      for (path, text) in files {
        let file = URL(fileURLWithPath: folder.path + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return try body(SystemFiles(root: folder.path))
    }
  }
}
