public import Foundation

/// The programs built together with the running tests, and the sources they were built from.
public enum BuiltProducts {
  /// Where the test program lies; the package's executables lie beside it.
  public static let folder: URL =
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  public static func executable(_ name: String) -> URL { folder.appending(path: name) }

  /// The package's root folder.
  public static let packageRoot: URL = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
