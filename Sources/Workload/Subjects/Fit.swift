/// Whether and how a subject can replay a workload: decided from the description, before anything is timed.
public enum Fit: Equatable, Sendable {
  case native
  /// Runs by the named adaptations; its rows carry a mark.
  case adapted([Adaptation])
  /// One reason for the user.
  case skipped(String)
}

/// An honest way to serve what a pool's own form cannot.
public enum Adaptation: String, CaseIterable, Sendable {
  /// One fixed-size pool per size class.
  case segregated
  /// One pool per lane.
  case perLane = "per-lane"
  /// Region for the classes with a scope, the worker's `malloc` for the rest.
  case mixed
}
