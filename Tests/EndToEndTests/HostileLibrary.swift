import Foundation
import TestSupport

/// Preloadable libraries that misbehave on purpose: `Fixtures/*.c`.
enum HostileLibrary {
  /// The object size at which they do, where they don't while they are loaded.
  static let bentSize = 1337

  /// - Returns: the library's path in `folder`.
  static func build(_ name: String, in folder: URL) throws -> URL {
    let library = folder.appending(path: "\(name).so")
    try CCompiler.buildLibrary(["Tests/EndToEndTests/Fixtures/\(name).c"], to: library)
    return library
  }
}
