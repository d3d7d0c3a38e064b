/// What else runs, and what the kernel counts time with.
struct SystemFindings {
  var files: SystemFiles
  /// Processor time just before anything was measured, over a short wait, and over all that the doctor did.
  var idle: ProcessorTime?
  var whole: ProcessorTime?

  var all: [Finding] { [busy, load, stolen, clockSource] }

  /// Processors that must stay free: the worker needs one, its driver sleeps.
  private static let leastFree = 0.5
  /// Processors' worth of work beside which nothing is worth mentioning.
  private static let little = 0.15

  var busy: Finding {
    let name = "others' work"
    guard let idle else { return .unknown(.system, name) }
    let processors = files.allowedProcessors.count
    let used = min(1, idle.busyShare) * Double(processors)
    let found = "\(Units.fixed(used, 2)) of \(processors) processors busy"
    if Double(processors) - used < Self.leastFree {
      return Finding(
        .system, name, found: found, .misleading,
        why: "no processor is free: a worker's time holds that of others", remedy: "top -b -n 1 -o %CPU | head -n 15")
    }
    if used <= Self.little { return Finding(.system, name, found: found, .fine) }
    return Finding(
      .system, name, found: found, .notable, why: "it shares caches and memory with the workers",
      remedy: "top -b -n 1 -o %CPU | head -n 15")
  }

  var load: Finding {
    let name = "load"
    let parts = files.word("/proc/loadavg")?.split(separator: " ") ?? []
    guard parts.count > 3, let minute = Double(parts[0]) else { return .unknown(.system, name) }
    let runnable = parts[3].split(separator: "/").first.flatMap { Int($0) }.map { max(0, $0 - 1) }
    let found = "\(parts[0])" + (runnable.map { ", \($0) runnable" } ?? "")
    let isHigh = minute > Double(files.onlineProcessors.count)
    return Finding(
      .system, name, found: found, isHigh ? .notable : .fine,
      why: isHigh ? "more work than processors over the last minute" : "")
  }

  /// Shares of the time from which a reader should know, and beyond which no repetition helps.
  private static let (someTheft, muchTheft) = (0.005, 0.1)

  var stolen: Finding {
    let name = "steal"
    guard let whole, let share = whole.stolenShare else { return .unknown(.system, name) }
    let found = "\(Units.fixed(share * 100, 1)) % of the measured time"
    if share > Self.muchTheft {
      return Finding(
        .system, name, found: found, .misleading, why: "the host gives this machine's processors to others")
    }
    return Finding(
      .system, name, found: found, share > Self.someTheft ? .notable : .fine,
      why: share > Self.someTheft ? "the host gives this machine's processors to others now and then" : "")
  }

  var clockSource: Finding {
    let name = "clock source"
    guard let source = files.word("/sys/devices/system/clocksource/clocksource0/current_clocksource") else {
      return .unknown(.system, name)
    }
    switch source {
    case "tsc", "arch_sys_counter": return Finding(.system, name, found: source, .fine)
    case "hpet", "acpi_pm", "jiffies", "refined-jiffies":
      return Finding(
        .system, name, found: source, .misleading,
        why: "the kernel distrusts the processor's counter, which latencies are measured with",
        remedy: "sudo dmesg | grep -i tsc")
    default:
      return Finding(
        .system, name, found: source, .notable,
        why: source.hasPrefix("kvm") || source.hasPrefix("hyperv") || source == "xen"
          ? "a clock of the hypervisor; latencies are measured with the processor's counter all the same"
          : "not the processor's counter, which latencies are measured with all the same")
    }
  }
}

/// How processors together spent their time between two readings of `/proc/stat`, in ticks.
struct ProcessorTime: Equatable {
  var total: Double
  var idle: Double
  /// Taken by the hypervisor; nil on kernels that do not say.
  var stolen: Double?

  /// What neither idled nor was stolen, of all.
  var busyShare: Double { total > 0 ? (total - idle - (stolen ?? 0)) / total : 0 }
  var stolenShare: Double? { total > 0 ? stolen.map { $0 / total } : nil }

  /// The times since the start that `/proc/stat` gives (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal;
  /// the guest times behind them are contained in user and nice.
  ///
  /// - Parameter processors: whose lines are added up. Without one of them, as where a container numbers its own anew,
  ///   the line of all together is read.
  init?(reading text: String, of processors: [Int] = []) {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    let names = Set(processors.map { "cpu\($0)" })
    var chosen = lines.filter { names.contains(String($0.first ?? "")) }
    if names.isEmpty || chosen.count < names.count { chosen = lines.prefix(1).filter { $0.first == "cpu" } }
    if chosen.isEmpty { return nil }
    var sums = [Double](repeating: 0, count: 8)
    var columns = sums.count
    for line in chosen {
      let ticks = line.dropFirst().prefix(sums.count).compactMap { Double($0) }
      guard ticks.count >= 5 else { return nil }
      columns = min(columns, ticks.count)
      for (column, value) in ticks.enumerated() { sums[column] += value }
    }
    total = sums.reduce(0, +)
    idle = sums[3] + sums[4]
    stolen = columns > 7 ? sums[7] : nil
  }

  /// From `start` to this reading.
  func since(_ start: ProcessorTime) -> ProcessorTime {
    var change = self
    change.total -= start.total
    change.idle -= start.idle
    change.stolen = stolen.flatMap { end in start.stolen.map { end - $0 } }
    return change
  }
}
