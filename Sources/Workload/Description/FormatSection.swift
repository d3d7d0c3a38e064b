/// The sections of a description and the keys of each: what the parser accepts and hints at.
public enum FormatSection: String, CaseIterable, Sendable {
  /// Before the first header.
  case workload = ""
  case parameters
  case scope
  case objects
  case phase

  /// In the order in which they are printed. `[parameters]` takes names of the file's own.
  public var keys: [FormatKey] {
    switch self {
    case .workload: [.name, .description, .format, .seed, .threads, .operations] + Self.objects.keys
    case .parameters: []
    case .scope: [.length, .inside]
    case .objects: [.size, .lifetime, .share, .call, .touch, .access, .write, .resize, .freedBy]
    case .phase: [.operations, .threads, .consumers, .mix, .rate, .threadLife, .atEnd, .pause]
    }
  }

  /// `[objects NAME]`, or words for the place before the first header.
  public var title: String {
    switch self {
    case .workload: "the top of the file"
    case .parameters: "[parameters]"
    case .scope, .objects, .phase: "[\(rawValue) NAME]"
    }
  }

  /// What may stand first in a header.
  static let headerWords = allCases.filter { $0 != .workload }.map(\.rawValue)

  /// Most sections of one kind; the stream numbers scopes and classes in few bits.
  static let largestCount = 1000
}

/// A key of a section.
public enum FormatKey: String, CaseIterable, Sendable {
  case name, description, format, seed, threads, operations
  case length, inside
  case size, lifetime, share, call, touch, access, write, resize
  case freedBy = "freed-by"
  case consumers, mix, rate
  case threadLife = "thread-life"
  case atEnd = "at-end"
  case pause

  /// What its value is, as the end of "takes …".
  public var takes: String {
    switch self {
    case .name: "a name, or a text between quotation marks"
    case .description: "a text"
    case .format: "the version of the format, 1"
    case .seed: "a whole number below 2^64"
    case .threads: "a number of lanes from 1 to \(WorkloadDescription.largestThreads)"
    case .operations: "a number of allocations for each lane, such as 200K or 4M"
    case .length: "a number or a distribution, such as uniform(20, 80)"
    case .inside: "the name of another scope"
    case .size: "bytes or a distribution of them, such as 64 or lognormal(median=48, sigma=1)"
    case .lifetime: "allocations or a distribution of them, forever, scope(S), fifo(d) or lifo(d)"
    case .share: "a percentage or a weight"
    case .call: "malloc, calloc, aligned(N), or several of them with shares"
    case .touch: "none, first, pages or all"
    case .access: "a number of visits, such as 4 or 0.5"
    case .write: "a percentage, such as 30%"
    case .resize: "a percentage, and factor= and times= if wanted, such as 25% factor=2 times=3"
    case .freedBy: "owner, other, or other with a percentage, such as other 50%"
    case .consumers: "a number of lanes, less than the phase's threads"
    case .mix: "classes with their shares, such as session 60%, scratch 40%"
    case .rate: "allocations a second for each lane, such as 500K/s"
    case .threadLife: "a number of allocations, or off"
    case .atEnd: "keep or free"
    case .pause: "a time, such as 100ms"
    }
  }
}

extension WorkloadDescription {
  /// Most lanes of a phase.
  public static let largestThreads = 1024
}

extension Distribution {
  /// The families as a description calls them.
  public enum Family: String, CaseIterable, Sendable {
    case fixed, uniform, normal, lognormal, exponential, geometric, gamma, pareto, zipf
    case choice, quantiles, histogram, mixture

    /// Arguments in the order in which they may stand without their names; `min` and `max` come on top.
    public var parameters: [String] {
      switch self {
      case .fixed: ["n"]
      case .uniform: ["a", "b"]
      case .normal: ["mean", "sd"]
      case .lognormal: ["median", "sigma"]
      case .exponential, .geometric: ["mean"]
      case .gamma: ["shape", "mean"]
      case .pareto: ["min", "alpha"]
      case .zipf: ["n", "s"]
      case .choice, .quantiles, .histogram, .mixture: []
      }
    }

    /// How a call of it looks.
    public var form: String {
      switch self {
      case .choice: "choice(VALUE:SHARE, …)"
      case .quantiles: "quantiles(0%:VALUE, …, 100%:VALUE)"
      case .histogram: "histogram(\"file.csv\")"
      case .mixture: "mixture(SHARE DISTRIBUTION, …)"
      default: "\(rawValue)(\(parameters.joined(separator: ", ")))"
      }
    }

    /// Names of the bounds that it takes; the `min` of `pareto` is its parameter.
    var bounds: [String] { self == .pareto ? ["max"] : ["min", "max"] }
  }
}
