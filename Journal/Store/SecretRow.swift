package import Events

/// A row of the table `secrets`, sealed as it is.
package struct SecretRow: Sendable, Equatable {
  package var owner: StreamName
  package var name: String
  package var sealed: [UInt8]
  /// SHA-256 of an element token; nil for all others.
  package var lookUp: [UInt8]?
  package var expiresAt: Moment?

  package init(
    owner: StreamName, name: String, sealed: [UInt8], lookUp: [UInt8]?, expiresAt: Moment?
  ) {
    (self.owner, self.name, self.sealed) = (owner, name, sealed)
    (self.lookUp, self.expiresAt) = (lookUp, expiresAt)
  }
}

extension JournalSnapshot {
  /// Everything that is sealed, as it is.
  package func secretRows() throws(JournalError) -> [SecretRow] {
    let query = try connection.statement(SQL.listSecrets)
    defer { query.reset() }
    var rows: [SecretRow] = []
    while try query.step() {
      let lookUp = query.bytes(3)
      rows.append(
        SecretRow(
          owner: StreamName(stored: query.text(0)), name: query.text(1), sealed: query.bytes(2),
          lookUp: lookUp.isEmpty ? nil : lookUp,
          expiresAt: query.optionalInteger(4).map { Moment(milliseconds: $0) }))
    }
    return rows
  }
}

extension JournalWriter {
  /// Puts others in the place of all secrets, in one transaction.
  package func replaceSecrets(with rows: [SecretRow]) throws(JournalError) {
    try write { () throws(JournalError) in
      try connection.execute(SQL.clearSecrets)
      for row in rows {
        try connection.change(
          .put(
            owner: row.owner, name: row.name, sealed: row.sealed, hash: row.lookUp,
            expiresAt: row.expiresAt))
      }
    }
  }
}
