public import Foundation

/// The programs built together with the running tests, and the sources they were built from.
public enum BuiltProducts {
  /// Where the executables lie: beside the test program, unless `POOLBENCH_PRODUCTS` names a folder, such as that of
  /// the release build.
  public static let folder: URL = {
    if let named = ProcessInfo.processInfo.environment["POOLBENCH_PRODUCTS"] { return URL(fileURLWithPath: named) }
    return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }()

  /// Whether the executables are optimised.
  public static var areOptimised: Bool { folder.path.contains("release") }

  public static func executable(_ name: String) -> URL { folder.appending(path: name) }

  /// The package's root folder.
  public static let packageRoot: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
