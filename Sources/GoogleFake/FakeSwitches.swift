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
  /// Rows that a page holds at most, drawn for each page from none to this; nil for all that were
  /// asked for. Google promises no number.
  package var pageItemsMax: Int?
  /// Cancelled events that are no occurrences show their id and status alone, which is all that
  /// Google promises.
  package var showsBareStubs = false
  /// A cancelled event that is asked for by itself is not found, as it is after some time.
  package var forgetsCancelled = false

  /// As Google was mostly seen.
  package init() {}
}
