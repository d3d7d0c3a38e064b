import Foundation

/// Which poolbench measured.
public struct ToolVersion: Equatable, Sendable, Decodable {
  public var version: String
  /// Abbreviated commit of the working copy it was built in; nil if that is not known.
  public var commit: String?

  /// The version of this source.
  public static let number = "0.1.0"

  public init(version: String, commit: String?) {
    self.version = version
    self.commit = commit
  }

  /// This program, with the commit of the working copy that `folder` lies in: a build stands in `.build` of one.
  public static func current(builtIn folder: String) -> ToolVersion {
    var place = URL(fileURLWithPath: folder)
    while place.pathComponents.count > 1 {
      let head = place.appendingPathComponent(".git").path
      if FileManager.default.fileExists(atPath: head) { return ToolVersion(version: number, commit: commit(at: head)) }
      place.deleteLastPathComponent()
    }
    return ToolVersion(version: number, commit: nil)
  }

  /// Follows `HEAD` through loose and packed references, also of a linked working copy.
  private static func commit(at git: String) -> String? {
    var folder = git
    if let link = readSmallFile(git), link.hasPrefix("gitdir: ") {
      folder = trimmed(String(link.dropFirst("gitdir: ".count)))
    }
    guard let head = readSmallFile(folder + "/HEAD").map(trimmed) else { return nil }
    guard head.hasPrefix("ref: ") else { return abbreviated(head) }
    let name = String(head.dropFirst("ref: ".count))
    let common = readSmallFile(folder + "/commondir").map { folder + "/" + trimmed($0) } ?? folder
    for place in [folder, common] {
      if let loose = readSmallFile(place + "/" + name).map(trimmed) { return abbreviated(loose) }
    }
    let packed = readSmallFile(common + "/packed-refs")?.split(separator: "\n").first { $0.hasSuffix(" " + name) }
    return packed.map { abbreviated(String($0)) }
  }

  private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
  private static func abbreviated(_ hash: String) -> String { String(hash.prefix(10)) }

  /// `0.1.0 (44c8fb7a12)`.
  public var words: String { commit.map { "\(version) (\($0))" } ?? version }
}
