import Foundation
public import Workload

/// One side of a comparison that is measured now: the worker programs of a build, or an allocator's library.
public enum ComparedBuild: Equatable, Sendable {
  /// Absolute path of the folder with the worker programs.
  case folder(String)
  /// Absolute path.
  case library(String)

  /// - Parameter path: a poolbench program, the folder of one, or a shared library (`.so` in its name).
  /// - Returns: nil if there is nothing of the kind.
  public init?(path: String) {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else { return nil }
    if isFolder.boolValue {
      self = .folder(place.path)
    } else if URL(fileURLWithPath: path).lastPathComponent.contains(".so") {
      self = .library(URL(fileURLWithPath: path).standardizedFileURL.path)
    } else {
      self = .folder(place.deletingLastPathComponent().path)
    }
  }

  /// The pools whose code is in the workers, and so differs between builds; allocators are the system's.
  public static let defaultSubjects: [Subject] = [
    Subject(.threadCache), Subject(.fixed), Subject(.fixedShared), Subject(.region),
  ]

  /// What the sides are called among builds, or among preloads.
  public static let names = (base: "base", new: "head")
}
