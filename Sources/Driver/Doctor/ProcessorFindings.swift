/// What sets the speed of a processor from one moment to the next.
struct ProcessorFindings {
  var files: SystemFiles

  private static let folder = "/sys/devices/system/cpu"

  var all: [Finding] { [governor, turbo, siblings] }

  var governor: Finding {
    let name = "governor"
    let governors = Set(
      files.allowedProcessors.compactMap { files.word("\(Self.folder)/cpu\($0)/cpufreq/scaling_governor") })
    guard let first = governors.sorted().first else {
      return .unknown(.processor, name, why: "the system does not show it; under a hypervisor the host decides")
    }
    let remedy = "sudo cpupower frequency-set --governor performance"
    if governors.count > 1 {
      return Finding(
        .processor, name, found: governors.sorted().joined(separator: ", "), .notable,
        why: "processors differ: a worker's speed depends on where it runs", remedy: remedy)
    }
    let driver = files.word("\(Self.folder)/cpu\(files.allowedProcessors[0])/cpufreq/scaling_driver") ?? ""
    switch first {
    case "performance": return Finding(.processor, name, found: first, .fine)
    case "powersave" where !Self.scalesByItself(driver):
      return Finding(
        .processor, name, found: first, .misleading,
        why: "the processor is held at its lowest frequency, where memory looks faster than it is", remedy: remedy)
    default:
      return Finding(
        .processor, name, found: driver.isEmpty ? first : "\(first) (\(driver))", .notable,
        why: "the frequency follows the load, so that short runs are partly measured at a lower one", remedy: remedy)
    }
  }

  /// Drivers whose `powersave` lets the processor choose and is no fixed lowest frequency
  /// (kernel documentation, admin-guide/pm/intel_pstate and amd-pstate).
  private static func scalesByItself(_ driver: String) -> Bool {
    driver == "intel_pstate" || driver == "amd-pstate-epp"
  }

  var turbo: Finding {
    let name = "turbo"
    let intel = files.number("\(Self.folder)/intel_pstate/no_turbo").map { $0 == 0 }
    guard let isOn = intel ?? files.number("\(Self.folder)/cpufreq/boost").map({ $0 != 0 }) else {
      return .unknown(.processor, name)
    }
    if !isOn { return Finding(.processor, name, found: "off", .fine) }
    return Finding(
      .processor, name, found: "on", .notable,
      why: "the frequency depends on temperature and on what other cores do",
      remedy: intel != nil
        ? "echo 1 | sudo tee \(Self.folder)/intel_pstate/no_turbo" : "echo 0 | sudo tee \(Self.folder)/cpufreq/boost")
  }

  var siblings: Finding {
    let name = "SMT"
    let shared = files.allowedProcessors.contains { processor in
      let list = files.word("\(Self.folder)/cpu\(processor)/topology/thread_siblings_list")
      return (list.flatMap(SystemFiles.processors)?.count ?? 1) > 1
    }
    guard shared || files.exists("\(Self.folder)/smt/active") || files.exists("\(Self.folder)/cpu0/topology") else {
      return .unknown(.processor, name)
    }
    if !shared, files.number("\(Self.folder)/smt/active") != 1 {
      return Finding(.processor, name, found: "off", .fine)
    }
    return Finding(
      .processor, name, found: "on", .notable,
      why: "two processors share one core: what runs on the other one slows this one; pin lanes to different cores",
      remedy: "echo off | sudo tee \(Self.folder)/smt/control")
  }
}
