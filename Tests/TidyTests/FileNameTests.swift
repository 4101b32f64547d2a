import Testing

/// Names that other systems' file systems, and the package manager, would mix up.
@Suite struct FileNameTests {
  @Test func `no two paths differ only in case`() {
    let paths = SourceTree.files.map(\.path)
    let folders = Set(paths.map { $0.split(separator: "/").dropLast().joined(separator: "/") })
    for names in [paths, Array(folders)] {
      for (name, same) in Dictionary(grouping: names, by: { $0.lowercased() }) {
        #expect(same.count == 1, "\(name): \(same)")
      }
    }
  }

  @Test func `no two source files bear the same name`() {
    let sources = SourceTree.files.filter { file in
      file.path.hasSuffix(".swift") || file.path.hasSuffix(".sql")
    }
    for (name, same) in Dictionary(grouping: sources, by: { $0.name.lowercased() }) {
      #expect(same.count == 1, "\(name): \(same.map(\.path))")
    }
  }
}
