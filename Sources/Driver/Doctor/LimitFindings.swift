/// What this process is allowed to use.
struct LimitFindings {
  var files: SystemFiles
  /// Times that the control group was stopped while the doctor worked.
  var throttlings = 0

  var all: [Finding] { [processors, processorTime, memory, host, container] }

  private var groups: ControlGroupFiles { ControlGroupFiles(files: files) }

  var processors: Finding {
    let (allowed, online) = (files.allowedProcessors, files.onlineProcessors)
    let found = "\(allowed.count) of \(online.count)"
    if allowed.count > 1 { return Finding(.limits, "processors", found: found, .fine) }
    return Finding(
      .limits, "processors", found: found, .notable,
      why: "workers share their processor with everything else, and several lanes only take turns on it")
  }

  var processorTime: Finding {
    let name = "processor time"
    let count = Double(files.allowedProcessors.count)
    guard let limit = groups.processorLimit, limit < count else {
      return Finding(.limits, name, found: "unlimited", .fine)
    }
    let found = "\(Units.short(limit)) of \(Units.short(count)) processors"
    let remedy = "docker update --cpus 0 CONTAINER, or give the job whole processors (cpuset)"
    if limit < 1 || throttlings > 0 {
      return Finding(
        .limits, name, found: throttlings > 0 ? "\(found), stopped \(throttlings) times" : found, .misleading,
        why: "the control group is stopped for the rest of each period once its time is used up, within a measurement",
        remedy: remedy)
    }
    return Finding(
      .limits, name, found: found, .notable,
      why: "more lanes than this are stopped for the rest of each period", remedy: remedy)
  }

  var memory: Finding {
    guard let limit = groups.memoryLimit else { return Finding(.limits, "memory", found: "unlimited", .fine) }
    return Finding(
      .limits, "memory", found: Units.shortBytes(Double(limit)), .notable,
      why: "the driver and its workers share it; beyond it the kernel ends one of them")
  }

  var host: Finding {
    let name = "machine"
    let flags = files.field("flags", in: "/proc/cpuinfo")?.split(separator: " ") ?? []
    let isVirtual =
      flags.contains("hypervisor") || files.exists("/sys/hypervisor/type")
      || files.exists("/proc/device-tree/hypervisor")
    if !isVirtual {
      return files.exists("/proc/cpuinfo")
        ? Finding(.limits, name, found: "physical, as far as it says", .fine) : .unknown(.limits, name)
    }
    let maker = ["/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name"].compactMap { files.word($0) }
    return Finding(
      .limits, name, found: maker.isEmpty ? "virtual" : "virtual (\(maker.joined(separator: " ")))", .notable,
      why: "other tenants and the host's frequency are out of sight; only the noise floor shows them")
  }

  var container: Finding {
    let name = "container"
    let groups = files.text("/proc/self/cgroup") ?? ""
    let signs = [
      ("docker", files.exists("/.dockerenv") || groups.contains("docker")),
      ("podman", files.exists("/run/.containerenv") || groups.contains("libpod")),
      ("kubernetes", groups.contains("kubepods")), ("lxc", groups.contains("/lxc")),
      (files.word("/run/systemd/container") ?? "", files.exists("/run/systemd/container")),
    ]
    guard let kind = signs.first(where: \.1)?.0 else { return Finding(.limits, name, found: "none seen", .fine) }
    return Finding(.limits, name, found: kind, .fine)
  }
}
