/// Looks for what a description holds without effect: a warning each.
struct UsageCheck {
  let description: WorkloadDescription
  let sections: SectionReader
  let diagnostics: DiagnosticCollector

  func run() {
    checkOperations()
    checkClasses()
    checkScopes()
    checkConsumers()
  }

  private func checkOperations() {
    guard let entry = sections.top[.operations], !sections.phases.isEmpty else { return }
    if sections.phases.allSatisfy({ $0[.operations] != nil }) {
      diagnostics.warning("'operations' has no effect: every phase gives its own", at: entry.key.span)
    }
  }

  private func checkClasses() {
    for (index, objects) in description.classes.enumerated() {
      let phases = description.phases.filter { phase in phase.mix.contains { $0.classIndex == index } }
      let section = sections.classes.isEmpty ? sections.top : sections.classes[index]
      if phases.isEmpty {
        diagnostics.warning("no phase allocates objects of class \(quoted(objects.name))", at: section.span)
      } else if objects.freedByOther > 0, phases.allSatisfy({ $0.threads == 1 }), let entry = section[.freedBy] {
        diagnostics.warning("with one lane there is no other: the owner frees all of them", at: entry.span)
      }
    }
  }

  /// A scope is used if objects end with it or with one inside it.
  private func checkScopes() {
    var isUsed = description.scopes.map { _ in false }
    for objects in description.classes {
      guard case .scope(let innermost) = objects.lifetime else { continue }
      var scope: Int? = innermost
      while let current = scope, !isUsed[current] {
        isUsed[current] = true
        scope = description.scopes[current].inside
      }
    }
    for (index, scope) in description.scopes.enumerated() where !isUsed[index] {
      diagnostics.warning("no object ends with scope \(quoted(scope.name))", at: sections.scopes[index].span)
    }
  }

  private func checkConsumers() {
    for (phase, section) in zip(description.phases, sections.phases) where phase.consumers > 0 {
      let sends = description.classes.contains { $0.freedByOther > 0 }
      if !sends, let entry = section[.consumers] {
        diagnostics.warning("the consumers have nothing to do: no class is 'freed-by = other'", at: entry.span)
      }
    }
  }
}
