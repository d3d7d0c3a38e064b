public import Foundation

/// Builds small C programs and libraries while the tests run, with the clang that comes with Swift and that has built
/// the package's own C.
public enum CCompiler {
  /// - Parameters:
  ///   - sources: paths from the package's root.
  ///   - flags: further arguments, after the sources, so that libraries are found.
  /// - Throws: `CompilationFailed` with the compiler's words.
  public static func build(_ sources: [String], flags: [String] = [], to product: URL) throws {
    let root = BuiltProducts.packageRoot
    let result = try Command(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["clang", "-O2", "-fno-builtin-malloc", "-fno-builtin-free", "-Wall", "-Wextra", "-Werror", "-o", product.path]
        + sources.map { root.appending(path: $0).path } + flags,
      environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"], directory: root
    ).run()
    guard result.succeeded else { throw CompilationFailed(words: result.errors) }
  }

  /// As `build`, a library that can be preloaded.
  public static func buildLibrary(_ sources: [String], flags: [String] = [], to product: URL) throws {
    try build(sources, flags: ["-shared", "-fPIC"] + flags, to: product)
  }

  public struct CompilationFailed: Error, CustomStringConvertible {
    public let words: String
    public var description: String { "the C compiler failed:\n\(words)" }
  }
}
