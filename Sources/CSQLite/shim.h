#include <sqlite3.h>

/* Swift does not import variadic functions nor cast macros. */
static inline int csqlite_configure(sqlite3 *db, int option, int value) {
  return sqlite3_db_config(db, option, value, (int *)0);
}
static inline int csqlite_bind_text(sqlite3_stmt *s, int i, const char *bytes, int n) {
  return sqlite3_bind_text(s, i, n == 0 ? "" : bytes, n, SQLITE_TRANSIENT);
}
static inline int csqlite_bind_blob(sqlite3_stmt *s, int i, const void *bytes, int n) {
  return n == 0 ? sqlite3_bind_zeroblob(s, i, 0) : sqlite3_bind_blob(s, i, bytes, n, SQLITE_TRANSIENT);
}
/* Bound where they stand: they stay there until the statement has been reset. */
static inline int csqlite_bind_text_there(sqlite3_stmt *s, int i, const void *bytes, int n) {
  return sqlite3_bind_text(s, i, n == 0 ? "" : (const char *)bytes, n, SQLITE_STATIC);
}
static inline int csqlite_bind_blob_there(sqlite3_stmt *s, int i, const void *bytes, int n) {
  return n == 0 ? sqlite3_bind_zeroblob(s, i, 0) : sqlite3_bind_blob(s, i, bytes, n, SQLITE_STATIC);
}
static inline void csqlite_result_blob(sqlite3_context *c, const void *bytes, int n) {
  sqlite3_result_blob(c, bytes, n, SQLITE_TRANSIENT);
}
enum {
  csqlite_ioerr_write = SQLITE_IOERR_WRITE,
  csqlite_ioerr_fsync = SQLITE_IOERR_FSYNC,
  csqlite_ioerr_truncate = SQLITE_IOERR_TRUNCATE,
};
