/// A worker's whole life: reads the request and the description, measures, writes the record.
public enum Engine {
  /// - Returns: the process's exit status.
  public static func run() -> Int32 { 0 }
}
