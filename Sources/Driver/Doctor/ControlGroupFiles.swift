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

  /// Folders in which `version2` or, in the hierarchy of `controller`, `version1` is to be looked for.
  private func values(_ version2: String, _ controller: String, _ version1: String) -> [String] {
    let modern = unifiedMount?.folders(in: files).compactMap { files.word($0 + "/" + version2) } ?? []
    if !modern.isEmpty { return modern }
    return mount(type: "cgroup", controller: controller)?.folders(in: files)
      .compactMap { files.word($0 + "/" + version1) } ?? []
  }

  /// The tightest memory limit in bytes; nil for none.
  var memoryLimit: UInt64? {
    // Version 1 says "unlimited" by the greatest number of whole pages.
    values("memory.max", "memory", "memory.limit_in_bytes").compactMap { UInt64($0) }.filter { $0 < 1 << 60 }.min()
  }

  /// Memory that the own group is charged for, in bytes.
  var memoryUsed: UInt64? {
    values("memory.current", "memory", "memory.usage_in_bytes").first.flatMap { UInt64($0) }
  }

  /// The tightest limit of processor time, in processors; nil for none.
  var processorLimit: Double? {
    let modern = (unifiedMount?.folders(in: files) ?? []).compactMap { folder -> Double? in
      let parts = files.word(folder + "/cpu.max")?.split(separator: " ").map { Double($0) } ?? []
      guard parts.count == 2, let quota = parts[0], let period = parts[1], period > 0 else { return nil }
      return quota / period
    }
    let old = (mount(type: "cgroup", controller: "cpu")?.folders(in: files) ?? []).compactMap { folder -> Double? in
      guard let quota = files.number(folder + "/cpu.cfs_quota_us"), quota > 0,
        let period = files.number(folder + "/cpu.cfs_period_us"), period > 0
      else { return nil }
      return Double(quota) / Double(period)
    }
    return (modern + old).min()
  }

  /// How often the own group or one above it was stopped because its processor time was used up.
  var throttlings: Int {
    let folders =
      (unifiedMount?.folders(in: files) ?? []) + (mount(type: "cgroup", controller: "cpu")?.folders(in: files) ?? [])
    return folders.reduce(0) { sum, folder in
      for line in (files.text(folder + "/cpu.stat") ?? "").split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count == 2, words[0] == "nr_throttled" { return sum + (Int(words[1]) ?? 0) }
      }
      return sum
    }
  }
}
