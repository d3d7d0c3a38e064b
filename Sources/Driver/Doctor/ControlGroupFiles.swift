/// Where the control groups of this process stand, and what limits hold there; of either version.
struct ControlGroupFiles {
  var files: SystemFiles

  /// One mounted hierarchy: version 2, or a controller of version 1.
  private struct Mount {
    var folder: String
    /// Of this process, below `folder`.
    var group: String

    /// The group and all above it: a limit of any of them holds. A group that is not to be seen from inside a
    /// container is left out.
    func folders(in files: SystemFiles) -> [String] {
      var parts = group.split(separator: "/")
      var list: [String] = []
      while true {
        let path = parts.isEmpty ? folder : folder + "/" + parts.joined(separator: "/")
        if files.exists(path) { list.append(path) }
        if parts.isEmpty { return list }
        parts.removeLast()
      }
    }
  }

  /// The folder of this process's own group of version 2 and that of its hierarchy's root; nil where there is none.
  var unified: (own: String, root: String)? {
    guard let mount = unifiedMount, let own = mount.folders(in: files).first else { return nil }
    return (own, mount.folder)
  }

  private var unifiedMount: Mount? { mount(type: "cgroup2", controller: nil) }

  private func mount(type: String, controller: String?) -> Mount? {
    let mounts = (files.text("/proc/self/mounts") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
    let line = mounts.first { fields in
      fields.count > 3 && fields[2] == type
        && (controller.map { name in fields[3].split(separator: ",").contains { $0 == name } } ?? true)
    }
    guard let line else { return nil }
    // `hierarchy:controllers:path`; version 2 has no controllers there.
    let groups = (files.text("/proc/self/cgroup") ?? "").split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    let own = groups.first { fields in
      guard fields.count == 3 else { return false }
      if let controller { return fields[1].split(separator: ",").contains { $0 == controller } }
      return fields[0] == "0" && fields[1].isEmpty
    }
    return Mount(folder: String(line[1]), group: own.map { String($0[2]) } ?? "/")
  }

  /// The own group and those above it in the unified hierarchy and in that of a controller of version 1.
  private func folders(_ controller: String) -> [String] {
    (unifiedMount?.folders(in: files) ?? []) + (mount(type: "cgroup", controller: controller)?.folders(in: files) ?? [])
  }

  /// What a group is allowed and what of that it uses, in bytes, for every group that limits memory.
  private var memory: [(limit: UInt64, used: UInt64)] {
    folders("memory").compactMap { folder in
      func bytes(_ version2: String, _ version1: String) -> UInt64? {
        (files.word("\(folder)/\(version2)") ?? files.word("\(folder)/\(version1)")).flatMap { UInt64($0) }
      }
      // Version 1 says "unlimited" by the greatest number of whole pages.
      guard let limit = bytes("memory.max", "memory.limit_in_bytes"), limit < 1 << 60 else { return nil }
      let used = bytes("memory.current", "memory.usage_in_bytes") ?? 0
      return (limit, used - min(used, reclaimable(folder)))
    }
  }

  /// Page cache of a group that nobody has used for long: charged to it, and given back before anything is refused.
  private func reclaimable(_ folder: String) -> UInt64 {
    let lines = (files.text(folder + "/memory.stat") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
    // In version 1 the plain name leaves out the groups below.
    for name in ["total_inactive_file", "inactive_file"] {
      for words in lines where words.count == 2 && words[0] == name { return UInt64(words[1]) ?? 0 }
    }
    return 0
  }

  /// The tightest memory limit in bytes; nil for none.
  var memoryLimit: UInt64? { memory.map(\.limit).min() }

  /// What the limits leave over, in bytes; nil for no limit.
  var memoryAvailable: UInt64? { memory.map { $0.limit - min($0.limit, $0.used) }.min() }

  /// Processor time in each period of the tightest group, in microseconds both; nil for no limit.
  private var quota: (time: Int, period: Int)? {
    folders("cpu").compactMap { folder -> (time: Int, period: Int)? in
      let modern = files.word(folder + "/cpu.max")?.split(separator: " ").map { Int($0) }
      let old = [files.number(folder + "/cpu.cfs_quota_us"), files.number(folder + "/cpu.cfs_period_us")]
      let parts = modern ?? old
      // Version 1 says "unlimited" by -1.
      guard parts.count == 2, let time = parts[0], time > 0, let period = parts[1], period > 0 else { return nil }
      return (time, period)
    }.min { Double($0.time) / Double($0.period) < Double($1.time) / Double($1.period) }
  }

  /// The tightest limit of processor time, in processors; nil for none.
  var processorLimit: Double? { quota.map { Double($0.time) / Double($0.period) } }

  /// The tightest limits of memory and processor time in the words of version 2: `memory.max=1048576`,
  /// `cpu.max=50000 100000`.
  var limits: [String] {
    let memory = memoryLimit.map { "memory.max=\($0)" }
    let time = quota.map { "cpu.max=\($0.time) \($0.period)" }
    return [memory, time].compactMap { $0 }
  }

  /// How often the own group or one above it was stopped because its processor time was used up.
  var throttlings: Int {
    folders("cpu").reduce(0) { sum, folder in
      for line in (files.text(folder + "/cpu.stat") ?? "").split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count == 2, words[0] == "nr_throttled" { return sum + (Int(words[1]) ?? 0) }
      }
      return sum
    }
  }
}
