import Glibc

/// The statements of the log by the names that they have in the files of `Projections` and
/// `Queries`.
///
///     -- name: find_key
///     -- The event that a request appended which came with this key.
///     SELECT position FROM events WHERE key = :key;
///
/// Cases stand in the order of the files and of the names in them, so that a case is the place of
/// its text. A test holds them to the files both ways, and says which case is missing where.
enum SQL: Int, CaseIterable, Sendable {
  // Projections/agenda.sql
  case agendaTable, planPoll, replanPoll, expeditePoll, dropPoll, dropPollsOfInstance,
    planPollsOfInstance, planNotify, endNotify, requestDelivery, beginAttempt, retryDelivery,
    holdDelivery, releaseDelivery, closeDelivery, standBehind, placeFollowers, freeFollowers,
    expediteDeliveries, planReplay, paceReplay,
    dropReplay, stepClock

  // Projections/callbacks.sql
  case callbacksTable, newestCallbackRow, putCallbackRow, endCallbackRow

  // Projections/changes.sql
  case changesTable, changesIndices, addChange

  // Projections/cursors.sql
  case cursorsTable, cursorsIndices, newestCursorRow, putCursorRow, endCursorRow, amendCursorRow
  case stepClockOfCursors

  // Projections/deliveries.sql
  case deliveriesTable, deliveriesIndices, newestDeliveryRow, putDeliveryRow, endDeliveryRow,
    stepClockOfDeliveries

  // Projections/effects.sql
  case effectsTable, effectsIndices, enterEffect

  // Projections/entries.sql
  case entriesTable, entriesIndices, enterEvent

  // Projections/feeds.sql
  case feedsTable, openFeed, updateFeed, changeFeedState, completePoll, failPoll, dropCursor,
    upsertPollRequest, deletePollRequest, clearPollRequests, stepClockOfFeeds

  // Projections/health.sql
  case healthTable, noteFailure, noteGivenUp, noteSuccess, openBreaker, closeBreaker,
    stepClockOfHealth

  // Projections/instances.sql
  case instancesTable, instancesIndices, newestInstanceRow, putInstanceRow, endInstanceRow

  // Projections/lanes.sql
  case lanesTable, moveLane, moveLaneOfFreed, setLane, moveLanesOfInstance, stepClockOfLanes

  // Projections/missed.sql
  case missedTable, upsertMissed, deleteMissed, stepClockOfMissed

  // Projections/notices.sql
  case noticesTable, addNotice, endNotice

  // Projections/objects.sql
  case objectsTable, upsertObject, upsertCancelledObject, upsertObjects, removeObject,
    deleteOccurrences, deleteObjects

  // Projections/paused.sql
  case pausedTable, pauseInstance, unpauseInstance

  // Projections/replays.sql
  case replaysTable, openReplay, changeReplay, countForReplay

  // Projections/turns.sql
  case turnsTable, takeTurns, takeTurnsAgain, leaveTurns

  // Projections/views.sql
  case liveViews, dropViews, pastLog, dropPastLog, pastViews, dropTempViews

  // Queries/archives.sql
  case listArchives, archivedColumns, standBeforeEvents, standForAllEvents,
    keptByPosition, keptByPositionBack,
    keptOfStream, keptOfStreamBack, keptByKey, lastKept, lastKeptOfStream, archivable,
    countArchivable, removeArchived, countKept, archiveRow, putArchiveRow, putBlock, putPart,
    blockAt, blockOfStream

  // Queries/backups.sql
  case backupTable, dropBackup, markBackup, loadBackup, hasBackup

  // Queries/due.sql
  case dueTasks, dueLanes, dueInLane, isDue, nextDue, earlierNotification, begunDeliveries,
    openDeliveries, openDeliveriesOfInstance, openBreakers, loadHealth

  // Queries/filters.sql
  case whereInstance, whereResource, whereResourceOfEvent, whereResourceOfInstance, whereObject,
    whereObjectOfDelivery, whereType, whereTypes, whereStatus, whereStatuses, whereMostStatuses,
    whereOpen, whereTags, whereName, wherePollingDisabled, whereSubscribed, whereLive, whereUrl,
    pageUp, pageDown, lastUp, lastDown, countRows, lastKey

  // Queries/gauges.sql
  case countOpenDeliveries, firstDuePoll, sumFeeds

  // Queries/held.sql
  case nextHeldGroup, heldDeliveries, heldDeliveriesOfGroup, countHeld, heldAhead, countOlderHeld

  // Queries/history.sql
  case versionBefore, toldOfChange, toldOfChanges, isToldLater, enteredAt, callbackAsOf

  // Queries/lists.sql
  case listEvents, findEvents, listChanges, listDeliveries, listInstances, listCursors,
    listCallbacks, listNotices, listReplays, findCallback,
    findInstanceOfCallback

  // Queries/log.sql
  case appendEvent, loadHead, loadVersion, loadEvent, loadAfter, listDigests, loadStream,
    loadTime, findKey,
    typeOfVersion,
    sumStreams, lastEvent, nextEvent, lastOfType, nextOfType, lastClockStep, lastIds, latestPoll

  // Queries/names.sql
  case findNamedInstances, listNames, hasResource, hasResourceOfInstance, listResources,
    listResourcesOfInstance, nextChangedObject, nextEnteredObject, knowsObject

  // Queries/payloads.sql
  case addPayload, hasPayload, loadPayload, listPayloads, payloadRow, payloadsBetween, toldItems,
    firstOfStream, listEvidence, evidenceBytes, recipeContent, removePayload, expungedBy,
    listExpunged, effectsOfType, isPlanned, askingReplay

  // Queries/platform.sql
  case listInstanceSettings, countInstances, listNotifications, findNotification,
    countNotifications, findDisabledCallbacks

  // Queries/polling.sql
  case loadFeed, loadFeeds, loadObject, isPaused, loadMissed, countObjects, countAbsent,
    listAbsent, listDiffering

  // Queries/rebuild.sql
  case loadProjections, putProjection, dropProjection, listSchema, listColumns, compareTables,
    copyTable, attachJournal

  // Queries/replaying.sql
  case loadReplay, replayRest, lastPlannedOfReplay, judgeNotifications, deliveredChanges,
    openChanges, unacceptedDeliveries, namesCallback

  // Queries/secrets.sql
  case putSecret, resealSecret, dropSecrets, loadSecrets, listSecrets,
    clearSecrets, loadSecret, findSecretOwner,
    listSecretOwners,
    hasSecrets

  // Queries/soundness.sql
  case countSome, findAlteredFeed, findLostFeed, findUnplannedFeed, findIdlePoll,
    findUnplannedReplay, findDifferingLane, findLostDelivery, findLostNotification, newestEntry,
    tellDifference

  // Queries/staging.sql
  case stagePayload, keepStaged, countStaged, trimStaged, dropStaged, dropLostStaged, putProgress,
    loadProgress, dropProgress, dropOldProgress, addSeenObject, joinSeenObjects, listSighted,
    dropSeenObjects, dropSecondListing, dropLostSeenObjects, dropAllStaged, dropAllProgress,
    dropAllSeenObjects

  // Queries/tables.sql
  case listTables, listFunctions, listBodyKeys

  // Queries/trace.sql
  case trace, traceRows, glance, nextEffect, firstCause, traceRequests, traceRequestsLater, diff,
    diffInstances, diffCursors, diffDeliveries
}

extension SQL {
  /// By the paths of the files, as the cases are.
  private static let files: [[UInt8]] = [
    PackageResources.agenda_sql,
    PackageResources.callbacks_sql,
    PackageResources.changes_sql,
    PackageResources.cursors_sql,
    PackageResources.deliveries_sql,
    PackageResources.effects_sql,
    PackageResources.entries_sql,
    PackageResources.feeds_sql,
    PackageResources.health_sql,
    PackageResources.instances_sql,
    PackageResources.lanes_sql,
    PackageResources.missed_sql,
    PackageResources.notices_sql,
    PackageResources.objects_sql,
    PackageResources.paused_sql,
    PackageResources.replays_sql,
    PackageResources.turns_sql,
    PackageResources.views_sql,
    PackageResources.archives_sql,
    PackageResources.backups_sql,
    PackageResources.due_sql,
    PackageResources.filters_sql,
    PackageResources.gauges_sql,
    PackageResources.held_sql,
    PackageResources.history_sql,
    PackageResources.lists_sql,
    PackageResources.log_sql,
    PackageResources.names_sql,
    PackageResources.payloads_sql,
    PackageResources.platform_sql,
    PackageResources.polling_sql,
    PackageResources.rebuild_sql,
    PackageResources.replaying_sql,
    PackageResources.secrets_sql,
    PackageResources.soundness_sql,
    PackageResources.staging_sql,
    PackageResources.tables_sql,
    PackageResources.trace_sql,
  ]

  /// The text below the name, the sentence first. `_$` stands for a generation in it.
  var text: String {
    let place = Self.places[rawValue]
    return String(decoding: Self.files[place.file][place.text], as: UTF8.self)
  }

  /// The text with another in the place of a word.
  func replacing(_ word: String, with text: String) -> String {
    self.text.replacing(word, with: text)
  }

  /// The name as the file has it.
  var nameInFile: String {
    let place = Self.places[rawValue]
    return String(decoding: Self.files[place.file][place.name], as: UTF8.self)
  }

  /// The name that the file should have: `find_key` of `findKey`.
  var name: String {
    "\(self)".map { $0.isUppercase ? "_\($0.lowercased())" : String($0) }.joined()
  }

  private struct Place {
    let file: Int
    let name: Range<Int>
    let text: Range<Int>
  }

  /// Where each text stands. All files are walked through once; a text is made of what was found
  /// when it is asked for.
  private static let places: [Place] = {
    let all = files.indices.flatMap { split($0) }
    precondition(
      all.count == allCases.count,
      "the files name \(all.count) statements, and SQL has \(allCases.count) cases")
    assert(
      zip(allCases, all).allSatisfy { $0.name.utf8.elementsEqual(files[$1.file][$1.name]) },
      "the cases of SQL are not in the order of the names in the files")
    return all
  }()

  /// Finds what stands between each name of a file and the next; above the first is what the file
  /// is about.
  private static func split(_ file: Int) -> [Place] {
    let mark: StaticString = "-- name: "
    let length = mark.utf8CodeUnitCount
    return files[file].withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return [] }
      let end = start + bytes.count
      var line = start
      var names: [Range<Int>] = []
      while let found = memchr(line, 0x0A, end - line) {
        line = UnsafeRawPointer(found) + 1
        guard end - line > length, memcmp(line, mark.utf8Start, length) == 0 else { continue }
        let name = line + length
        let rest = memchr(name, 0x0A, end - name).map { UnsafeRawPointer($0) } ?? end
        names.append((name - start)..<(rest - start))
      }
      return names.indices.map { index in
        let next =
          index + 1 < names.count ? names[index + 1].lowerBound - length : bytes.count
        return Place(file: file, name: names[index], text: names[index].upperBound..<next)
      }
    }
  }

  /// The text for one generation of the disposable tables: its number in the place of each `$` that
  /// follows an underscore.
  static func naming(_ text: String, generation: Int64) -> String {
    let number = "\(generation)".utf8
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 16)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "$"), bytes.last == UInt8(ascii: "_") {
        bytes += number
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension SQL {
  /// The tables of a file of archived events.
  static let schemaArchive = String(decoding: PackageResources.archive_sql, as: UTF8.self)

  /// The protected tables: a file each, which a release closes.
  static let schemaEvents = String(decoding: PackageResources.v0_events_sql, as: UTF8.self)
  static let schemaPayloads = String(decoding: PackageResources.v0_payloads_sql, as: UTF8.self)
  static let schemaPolls = String(decoding: PackageResources.v0_polls_sql, as: UTF8.self)
  static let schemaProjections = String(
    decoding: PackageResources.v0_projections_sql, as: UTF8.self)
  static let schemaSecrets = String(decoding: PackageResources.v0_secrets_sql, as: UTF8.self)

  /// The tables that the next decision needs.
  static let decisionTables: [SQL] = [
    .feedsTable, .objectsTable, .missedTable, .pausedTable, .agendaTable, .lanesTable,
    .turnsTable, .healthTable, .replaysTable,
  ]

  /// The tables that people ask.
  static let reportTables: [SQL] = [
    .entriesTable, .effectsTable, .instancesTable, .cursorsTable, .changesTable, .deliveriesTable,
    .callbacksTable, .noticesTable,
  ]

  /// The indices that folding itself does not need: a rebuild makes these after the rows.
  static let reportIndices: [SQL] = [
    .entriesIndices, .effectsIndices, .instancesIndices, .cursorsIndices, .changesIndices,
    .deliveriesIndices,
  ]
}
