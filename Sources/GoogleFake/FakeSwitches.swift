/// The ways that the stand-in takes where Google behaves now so and now so.
package struct FakeSwitches: Sendable, Equatable {
  /// How People refuses a dead sync token.
  package var contactsExpiry = GoogleError.Expiry.invalidArgument
  /// Digits of the fraction in People's times: 0, 3, 6 or 9.
  package var timeDigits = 6
  /// System groups show in every sync, though nothing changed.
  package var showsSystemGroupsAlways = false
  /// Pages of Gmail's history, of a thousand, that have a page token and no `history`.
  package var emptyHistoryPermille = 0
  /// Gmail's quota units for a user in a minute; nil for no limit.
  package var mailUnitsPerMinute: Int?
  /// The status by which Gmail says that they are used up: 403 or 429.
  package var mailLimitStatus = 429

  /// As Google was mostly seen.
  package init() {}
}
