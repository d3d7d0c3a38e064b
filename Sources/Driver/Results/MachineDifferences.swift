extension Machine {
  /// A fact in which two machines differ.
  public struct Difference: Equatable, Sendable {
    public var name: String
    public var own: String
    public var other: String
  }

  /// What differs of the facts that change figures. The load is left out, which is of a moment, and memory that differs
  /// by less than a twentieth, as the same virtual machine may have after its next start.
  public func differences(from other: Machine) -> [Difference] {
    var facts: [(name: String, own: String, other: String)] = [
      ("processor", processor, other.processor), ("cores", String(cores), String(other.cores)),
      ("architecture", architecture, other.architecture), ("kernel", kernel, other.kernel), ("libc", libc, other.libc),
      ("transparent huge pages", hugePages, other.hugePages), ("governor", governor, other.governor),
      ("address randomisation", addressRandomisation, other.addressRandomisation),
      ("cgroup limits", Self.list(groupLimits), Self.list(other.groupLimits)),
    ]
    let (less, more) = (min(memoryBytes, other.memoryBytes), max(memoryBytes, other.memoryBytes))
    if Double(less) < Double(more) * 0.95 {
      facts.append(("memory", Units.bytes(Double(memoryBytes)), Units.bytes(Double(other.memoryBytes))))
    }
    return facts.filter { $0.own != $0.other }.map { Difference(name: $0.name, own: $0.own, other: $0.other) }
  }

  private static func list(_ limits: [String]) -> String { limits.isEmpty ? "none" : limits.joined(separator: " ") }
}
