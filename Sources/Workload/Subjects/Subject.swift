/// What is measured: a pool or an allocator with its configuration, as `--subjects` names it.
///
/// `thread-cache`, `null[bulk]`, `mempool[min=16]`, `glibc[MALLOC_ARENA_MAX=1]`: a base name, then in brackets,
/// separated by commas, options in lower case and environment variables of the worker. A value may hold commas: a part
/// behind a variable that is neither an option nor a variable continues its value, as in
/// `jemalloc[MALLOC_CONF=narenas:1,tcache:false,sized]`.
public struct Subject: Hashable, Sendable {
  public var base: Base
  public var options: [Option]
  /// Set in the worker's environment, in the order written.
  public var environment: [EnvironmentVariable]
  /// Name given by `--preload NAME=PATH`; empty for all but `.preloaded`.
  public var preloadName: String
  /// Name of the build whose worker runs it, as `--build NAME=FOLDER` or a comparison of two builds defines it; empty
  /// for the driver's own.
  public var build: String

  public enum Base: String, CaseIterable, Hashable, Sendable {
    case glibc, jemalloc, tcmalloc
    /// Any other library, preloaded into the glibc worker.
    case preloaded
    case fixed
    case fixedShared = "fixed-shared"
    case region
    case threadCache = "thread-cache"
    case mempool, nginx, apr
    case fixedBlock = "fixed-block"
    case fixedChunk = "fixed-chunk"
    case fixedIndex = "fixed-index"
    case slab, buddy, arenas, handle, zend, zend5, zephyr, aset
    case pgSlab = "pg-slab"
    case pgGeneration = "pg-generation"
    case pgBump = "pg-bump"
    case null
  }

  public struct EnvironmentVariable: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(
    _ base: Base, options: [Option] = [], environment: [EnvironmentVariable] = [], preloadName: String = "",
    build: String = ""
  ) {
    self.base = base
    self.options = options
    self.environment = environment
    self.preloadName = preloadName
    self.build = build
  }
}

extension Subject {
  /// The canonical spelling: what a table shows and what ``init(parsing:preloads:builds:)`` reads back.
  public var name: String { build.isEmpty ? nameInWorker : "\(nameInWorker)@\(build)" }

  /// The name without the build: what the worker is asked for, and what it says it measured.
  public var nameInWorker: String {
    let stem = base == .preloaded ? preloadName : base.rawValue
    let inside = options.map(\.name) + environment.map { "\($0.name)=\($0.value)" }
    return inside.isEmpty ? stem : "\(stem)[\(inside.joined(separator: ","))]"
  }

  /// The same subject of another build.
  public func of(build: String) -> Subject {
    var other = self
    other.build = build
    return other
  }

  /// - Parameters:
  ///   - preloads: names that `--preload` has defined.
  ///   - builds: names that stand for builds behind an `@`.
  /// - Throws: `SubjectError` with a sentence for the user.
  public init(parsing text: String, preloads: [String] = [], builds: [String] = []) throws(SubjectError) {
    if let at = text.lastIndex(of: "@") {
      let build = String(text[text.index(after: at)...])
      guard builds.contains(build) else {
        let known = builds.isEmpty ? "none is given" : "known: \(builds.joined(separator: ", "))"
        throw SubjectError("subject '\(text)': '\(build)' is not a build (\(known))")
      }
      try self.init(parsing: String(text[..<at]), preloads: preloads)
      self.build = build
      return
    }
    var stem = text
    var inside: [String] = []
    if let bracket = text.firstIndex(of: "[") {
      guard text.hasSuffix("]") else { throw SubjectError("subject '\(text)': the bracket is not closed") }
      stem = String(text[..<bracket])
      inside = text[text.index(after: bracket)...].dropLast().split(separator: ",").map(String.init)
    }
    if preloads.contains(stem) {
      self.init(.preloaded, preloadName: stem)
    } else if let base = Base(rawValue: stem), base != .preloaded {
      self.init(base)
    } else {
      let known = Base.allCases.filter { $0 != .preloaded }.map(\.rawValue) + preloads
      let hint = nearest(to: stem, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw SubjectError("'\(stem)' is not a subject\(hint) (known: \(known.joined(separator: ", ")))")
    }
    try read(inside, of: text, stem: stem)
  }

  /// Takes in the parts between the brackets of `text`.
  private mutating func read(_ inside: [String], of text: String, stem: String) throws(SubjectError) {
    for item in inside {
      if let option = try option(item, of: text, stem: stem) {
        if options.contains(where: { $0.key == option.key }) {
          throw SubjectError("subject '\(text)': '\(option.key.rawValue)' stands there twice")
        }
        options.append(option)
      } else if let variable = EnvironmentVariable(parsing: item), base.isMalloc || !variable.isLowerCase {
        if environment.contains(where: { $0.name == variable.name }) {
          throw SubjectError("subject '\(text)': the variable '\(variable.name)' is set twice")
        }
        environment.append(variable)
      } else if !environment.isEmpty, Option.Key(rawValue: item) == nil {
        environment[environment.count - 1].value += "," + item
      } else {
        let known = base.options.map(\.usage).joined(separator: ", ")
        let remedy = known.isEmpty ? "it has none, only NAME=VALUE variables" : "it has: \(known)"
        throw SubjectError("subject '\(text)': '\(item)' is not an option of '\(stem)'; \(remedy)")
      }
    }
  }

  /// The option that `item` is, nil if its name is none of the subject's.
  private func option(_ item: String, of text: String, stem: String) throws(SubjectError) -> Option? {
    let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let key = Option.Key(rawValue: parts[0]), let form = base.options.first(where: { $0.key == key }) else {
      return nil
    }
    let option = Option(key, parts.count > 1 ? parts[1] : "")
    guard form.accepts(option.value), parts.count == (form.kind == .word ? 1 : 2) else {
      throw SubjectError("subject '\(text)': '\(item)' is not what '\(stem)' takes; it takes: \(form.usage)")
    }
    return option
  }
}

extension Subject.EnvironmentVariable {
  /// `NAME=VALUE` with a name of letters, digits and underscores; nil for anything else.
  init?(parsing text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let name = text[..<equals]
    guard let first = name.first, first.isASCII, first.isLetter || first == "_",
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    else { return nil }
    self.init(name: String(name), value: String(text[text.index(after: equals)...]))
  }

  /// As options are written, not variables.
  fileprivate var isLowerCase: Bool { !name.contains(where: \.isUppercase) }
}

extension Subject.Base {
  /// Whether the subject is the worker process's own `malloc`.
  public var isMalloc: Bool {
    switch self {
    case .glibc, .jemalloc, .tcmalloc, .preloaded: true
    default: false
    }
  }

  /// The pools of this repository, in the order in which they are listed.
  public static var pools: [Subject.Base] { allCases.filter { !$0.isMalloc && $0 != .null } }

  /// The worker program that measures it.
  public var workerName: String {
    switch self {
    case .jemalloc: "poolbench-jemalloc"
    case .tcmalloc: "poolbench-tcmalloc"
    default: "poolbench-glibc"
    }
  }
}

/// A subject that can't be: one sentence for the user.
public struct SubjectError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
