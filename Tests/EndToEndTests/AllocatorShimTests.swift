import Foundation
import TestSupport
import Testing

/// The shims as plain C programs link them, without the engine.
@Suite("Allocator shims")
struct AllocatorShimTests {
  struct Shim: CustomTestStringConvertible, Sendable {
    var name: String
    var module: String
    var library: String?
    var versionPrefix: String
    var ownerPrefix: String
    var hasSizedFree: Bool
    var testDescription: String { name }
  }

  static let shims = [
    Shim(
      name: "glibc", module: "CGlibc", library: nil, versionPrefix: "glibc 2.", ownerPrefix: "libc.so.6",
      hasSizedFree: false),
    Shim(
      name: "jemalloc", module: "CJemalloc", library: "jemalloc", versionPrefix: "jemalloc 5.",
      ownerPrefix: "libjemalloc.so", hasSizedFree: true),
    Shim(
      name: "tcmalloc", module: "CTcmalloc", library: "tcmalloc", versionPrefix: "gperftools 2.",
      ownerPrefix: "libtcmalloc.so", hasSizedFree: true),
  ]

  static func buildProbe(_ shim: Shim, to product: URL) throws {
    let sources = BuiltProducts.packageRoot.appending(path: "Sources/\(shim.module)")
    let files = try FileManager.default.contentsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".c") }
    try CCompiler.build(
      [
        "Tests/EndToEndTests/Fixtures/allocator-probe.c", "Sources/CPlatform/Identity.c",
        "Sources/CSystemCalls/CSystemCalls.c",
      ]
        + files.map { "Sources/\(shim.module)/\($0)" },
      flags: [
        "-Wl,--as-needed", "-DALLOCATOR=pb_\(shim.name)_allocator", "-ISources/CPlatform/include",
        "-ISources/CSystemCalls/include",
        "-ISources/\(shim.module)/include",
      ] + (shim.library.map { ["-l\($0)"] } ?? []), to: product)
  }

  @Test(
    "A linked library answers malloc and free, names itself and survives a linker that drops unused libraries",
    arguments: shims)
  func linkedLibraryAnswers(shim: Shim) throws {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try Self.buildProbe(shim, to: program)
      let probe = try Command(program).run()
      #expect(probe.end == .exit(0), "\(probe.errors)")
      #expect(probe.value(of: "name") == shim.name)
      #expect(probe.value(of: "version")?.hasPrefix(shim.versionPrefix) == true)
      let owner = try #require(probe.value(of: "malloc"))
      #expect(URL(fileURLWithPath: owner).lastPathComponent.hasPrefix(shim.ownerPrefix))
      #expect(probe.value(of: "free") == owner)
      #expect(probe.value(of: "reached") == "1")
      #expect(probe.value(of: "sized") == (shim.hasSizedFree ? "1" : "0"))
    }
  }

  @Test("The build-id is the one that the library's file carries", arguments: shims)
  func buildIDIsTheFiles(shim: Shim) throws {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try Self.buildProbe(shim, to: program)
      let probe = try Command(program).run()
      let notes = try Command(
        URL(fileURLWithPath: "/usr/bin/readelf"), ["-n", try #require(probe.value(of: "malloc"))]
      ).run()
      let line = try #require(notes.lines.first { $0.contains("Build ID: ") })
      #expect(probe.value(of: "build-id") == line.split(separator: " ").last.map(String.init))
    }
  }

  @Test("The library's own figures follow 4 MB of objects up, and down again after a purge", arguments: shims)
  func statisticsFollowTheHeap(shim: Shim) throws {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try Self.buildProbe(shim, to: program)
      let probe = try Command(program).run()
      func figures(_ moment: String) throws -> [Int] {
        try #require(probe.value(of: moment)).split(separator: " ").compactMap { Int($0) }
      }
      let (before, holding, purged) = (try figures("before"), try figures("holding"), try figures("purged"))
      let held = 1000 * 4096
      #expect(holding[0] >= before[0] + held)
      #expect(holding[0] <= before[0] + held * 5 / 4)
      #expect(holding[3] >= holding[0])
      #expect(purged[0] <= before[0])
      if before[2] > 0 {
        #expect(holding[2] >= before[2] + held)
        #expect(purged[2] < holding[2] - held / 2)
      } else {
        #expect(purged[3] < holding[3] - held / 2)
      }
    }
  }

  @Test("What is free below the end of glibc's heap is taken, so that a subject finds it like that of a fresh program")
  func occupiesHoles() throws {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try Self.buildProbe(Self.shims[0], to: program)
      #expect(try Command(program).run().value(of: "ignores-holes") == "1")
    }
  }

  struct Preload: CustomTestStringConvertible, Sendable {
    var library: String
    var version: String
    var testDescription: String { library }
  }

  @Test(
    "A preloaded library answers malloc in the glibc program and is asked for its version",
    arguments: [
      Preload(library: "libjemalloc.so.2", version: "jemalloc 5."),
      Preload(library: "libtcmalloc.so.4", version: "gperftools 2."),
      Preload(library: "libmimalloc.so.2", version: "mimalloc 2."),
      Preload(library: "libtbbmalloc_proxy.so.2", version: "tbbmalloc, unknown version"),
    ])
  func preloadedLibraryAnswers(preload: Preload) throws {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try Self.buildProbe(Self.shims[0], to: program)
      let probe = try Command(program, environment: ["LD_PRELOAD": preload.library]).run()
      #expect(probe.end == .exit(0), "\(probe.errors)")
      #expect(probe.value(of: "version")?.hasPrefix(preload.version) == true)
      let owner = try #require(probe.value(of: "malloc"))
      #expect(URL(fileURLWithPath: owner).lastPathComponent.hasPrefix(preload.library))
      #expect(probe.value(of: "free") == owner)
      #expect(probe.value(of: "reached") == "1")
    }
  }

  @Test("Preloading a library without a malloc of its own leaves glibc's in force, and the identity says so")
  func carelessPreloadShows() throws {
    try TemporaryFolder.with { folder in
      let program = folder.appending(path: "probe")
      try Self.buildProbe(Self.shims[0], to: program)
      let probe = try Command(program, environment: ["LD_PRELOAD": "libtbbmalloc.so.2"]).run()
      #expect(probe.value(of: "version")?.hasPrefix("glibc 2.") == true)
      #expect(probe.value(of: "malloc").map { URL(fileURLWithPath: $0).lastPathComponent } == "libc.so.6")
    }
  }
}
