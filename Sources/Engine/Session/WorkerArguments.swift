import CPlatform

/// What the worker was started with.
enum WorkerArguments {
  /// All but the program's name. `CommandLine` knows of none once gperftools has been loaded.
  static var all: [String] {
    var list: [String] = []
    var next = pb_arguments()
    while let text = next?.pointee {
      list.append(String(cString: text))
      next = next?.successor()
    }
    return Array(list.dropFirst())
  }
}
