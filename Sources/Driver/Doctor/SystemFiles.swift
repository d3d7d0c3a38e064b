import Foundation

/// The files in which Linux describes itself, below a root that tests replace by a machine of their own.
public struct SystemFiles: Sendable {
  /// Stands before every path; empty for the machine itself.
  public var root: String

  public init(root: String = "") { self.root = root }

  /// A file whole, or nil if it is not there or not readable.
  func text(_ path: String) -> String? { readSmallFile(root + path) }

  /// A file of one word without the blanks around it; nil if it is missing or empty.
  func word(_ path: String) -> String? {
    guard let text = text(path) else { return nil }
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return trimmed.isEmpty ? nil : trimmed
  }

  func number(_ path: String) -> Int? { word(path).flatMap { Int($0) } }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root + path) }

  /// The value behind `Name:` in a file of such lines.
  func field(_ name: String, in path: String) -> String? {
    for line in (text(path) ?? "").split(separator: "\n") where line.hasPrefix(name) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
        return parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }

  /// Processors that this process may run on; all online ones if the system does not say.
  var allowedProcessors: [Int] {
    field("Cpus_allowed_list", in: "/proc/self/status").flatMap(Self.processors) ?? onlineProcessors
  }

  /// By `/sys`, else by the lines of `/proc/stat`, one for each.
  var onlineProcessors: [Int] {
    if let list = word("/sys/devices/system/cpu/online").flatMap(Self.processors) { return list }
    let counted = (text("/proc/stat") ?? "").split(separator: "\n").filter { $0.hasPrefix("cpu") }.compactMap { line in
      line.split(separator: " ").first.flatMap { Int($0.dropFirst("cpu".count)) }
    }
    return counted.isEmpty ? [0] : counted
  }

  /// Reads the kernel's lists, such as `0-3,8,10-11`.
  static func processors(_ text: String) -> [Int]? {
    var list: [Int] = []
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        return nil
      }
      list += first...last
    }
    return list.isEmpty ? nil : list
  }
}
