// swift-tools-version: 6.2
import PackageDescription

/// Set by scripts/test: a warning of this package's own code is an error. Not the default, so that a newer compiler's
/// new warnings never keep anyone from building.
let isStrict = Context.environment["POOLBENCH_STRICT"] == "1"

/// Set by studies of how well a slow-down is found: the workers can then be told to take longer than they need.
let isSlowed = Context.environment["POOLBENCH_SLOWED"] == "1"

/// Settings of every Swift target.
let common: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

/// Targets in which an unsafe expression is an exception and has to say `unsafe`.
/// The engine is left out: nearly every line of it handles raw memory, so the marker would say nothing there.
let safe = common + [.strictMemorySafety()]

/// The pools are measured beside libraries whose functions keep no frame pointers. The package manager's default has
/// them: three instructions of some eighteen in a fast path. Functions that call others keep theirs. And each begins at
/// a cache line, or what stands before it would decide how many lines a fast path takes. No branch of x86 lies across 32
/// bytes, where some processors do not keep what they have decoded (Intel's erratum of conditional jumps), for the same
/// end: `fixed` in `pairs` took 1.24 ns an operation, so placed 1.02. Code that is reached by a jump alone begins at 32
/// bytes for that as well, and paths that end alike stay apart: one end for both would be a jump more for each
/// allocation or free of the replay loop (0.97 and 0.70).
let frameless: [SwiftSetting] = [
  .unsafeFlags(
    [
      "-Xcc", "-momit-leaf-frame-pointer", "-Xllvm", "-align-all-functions=6", "-Xllvm",
      "-x86-branches-within-32B-boundaries", "-Xllvm", "-align-all-nofallthru-blocks=5", "-Xllvm",
      "-enable-tail-merge=0",
    ], .when(configuration: .release))
]

/// Workers carry the parts of the Swift runtime they use inside themselves: an idle one then stays
/// some 3 MiB smaller, and nothing but libc and the subject's library is mapped.
let selfContained: [LinkerSetting] = [.unsafeFlags(["-static-stdlib"])]

/// Without these clang and swiftc may treat `malloc` as a builtin whose calls can be folded away.
let plainMalloc: [CSetting] = [
  .unsafeFlags(["-fno-builtin-malloc", "-fno-builtin-free", "-Wall", "-Wextra"] + (isStrict ? ["-Werror"] : []))
]

func worker(_ name: String, shim: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["Engine", .target(name: shim)],
    swiftSettings: common,
    linkerSettings: selfContained)
}

let package = Package(
  name: "poolbench",
  products: [
    .executable(name: "poolbench", targets: ["poolbench"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .target(name: "CPlatform", cSettings: plainMalloc),
    .target(name: "CSystemCalls", dependencies: ["CPlatform"], cSettings: plainMalloc),
    .target(name: "CGlibc", dependencies: ["CPlatform", "CSystemCalls"], cSettings: plainMalloc),
    .target(
      name: "CJemalloc", dependencies: ["CPlatform", "CSystemCalls"], cSettings: plainMalloc,
      linkerSettings: [.linkedLibrary("jemalloc")]),
    .target(
      name: "CTcmalloc", dependencies: ["CPlatform", "CSystemCalls"], cSettings: plainMalloc,
      linkerSettings: [.linkedLibrary("tcmalloc")]),
    .target(name: "Workload", swiftSettings: safe),
    .target(
      name: "Engine", dependencies: ["Workload", "CPlatform"],
      swiftSettings: common + frameless + (isSlowed ? [.define("POOLBENCH_SLOWED")] : [])),
    worker("poolbench-glibc", shim: "CGlibc"),
    worker("poolbench-jemalloc", shim: "CJemalloc"),
    worker("poolbench-tcmalloc", shim: "CTcmalloc"),
    .target(
      name: "Driver",
      dependencies: [
        "Workload",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: safe),
    .executableTarget(
      name: "poolbench",
      dependencies: [
        "Driver", "Workload", "poolbench-glibc", "poolbench-jemalloc", "poolbench-tcmalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: safe),
    .target(name: "League", dependencies: ["Driver", "Workload"], path: "Tests/League", swiftSettings: safe),
    .executableTarget(
      name: "poolbench-study",
      dependencies: [
        "Driver", "League", "Workload", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Studies", swiftSettings: safe),
    .target(name: "TestSupport", dependencies: ["Workload"], path: "Tests/TestSupport", swiftSettings: common),
    .testTarget(name: "WorkloadTests", dependencies: ["Workload", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "Workload", "CPlatform", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "DriverTests", dependencies: ["Driver", "Workload", "TestSupport"], exclude: ["Snapshots"],
      swiftSettings: common),
    .testTarget(
      name: "LeagueTests", dependencies: ["League", "Driver", "Workload", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "EndToEndTests", dependencies: ["Workload", "TestSupport", "poolbench"],
      exclude: ["Fixtures"], swiftSettings: common),
  ]
)

// Set by scripts/test for the sanitizers: the engine and its tests alone. The workers could not be linked with one
// (it would own malloc, and has no static runtime), and the rest would only take time.
if Context.environment["POOLBENCH_ENGINE_ONLY"] == "1" {
  let engine: Set = ["CPlatform", "Workload", "Engine", "TestSupport", "EngineTests"]
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !engine.contains($0.name) }
}
