import Foundation

/// What `/proc` and the control groups say about memory.
public enum SystemMemory {
  /// Resident anonymous and shared memory of a process, in bytes; nil once it is gone.
  static func residentBytes(of process: Int32) -> UInt64? {
    guard let text = readSmallFile("/proc/\(process)/status") else { return nil }
    guard let anonymous = kibibytes("RssAnon", in: text) else { return nil }
    return anonymous + (kibibytes("RssShmem", in: text) ?? 0)
  }

  /// Memory that can be had without swapping, in bytes: on the machine, and under the limits of this process's control
  /// groups.
  public static var available: UInt64 { available(SystemFiles())?.bytes ?? .max }

  /// Memory that can be had, and whether a control group leaves less than the machine has; nil if neither says.
  static func available(_ files: SystemFiles) -> (bytes: UInt64, isOfGroup: Bool)? {
    let machine = files.text("/proc/meminfo").flatMap { kibibytes("MemAvailable", in: $0) }
    let group = ControlGroupFiles(files: files).memoryAvailable
    if let group, group < machine ?? .max { return (group, true) }
    return machine.map { ($0, false) }
  }

  /// All memory that this process might ever have, in bytes: the machine's, or the limit of a control group.
  public static var total: UInt64 { total(SystemFiles()) }

  static func total(_ files: SystemFiles) -> UInt64 {
    min(installed(files), ControlGroupFiles(files: files).memoryLimit ?? .max)
  }

  /// All memory of the machine, in bytes.
  static func installed(_ files: SystemFiles = SystemFiles()) -> UInt64 {
    files.text("/proc/meminfo").flatMap { kibibytes("MemTotal", in: $0) } ?? .max
  }

  /// The bytes that a line `Name:   123 kB` tells.
  static func kibibytes(_ name: String, in text: String) -> UInt64? {
    for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
      return line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
    }
    return nil
  }
}

/// A file of `/proc` or `/sys` whole, or nil.
func readSmallFile(_ path: String) -> String? {
  guard let data = FileManager.default.contents(atPath: path) else { return nil }
  return String(decoding: data, as: UTF8.self)
}
