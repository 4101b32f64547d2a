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
static inline void csqlite_result_text(sqlite3_context *c, const char *bytes, int n) {
  sqlite3_result_text(c, bytes, n, SQLITE_TRANSIENT);
}
/* A virtual table that does no harm: views may name it where the schema is not trusted. */
static inline int csqlite_is_innocuous(sqlite3 *db) {
  return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
}
/* Bytes of the file as they stand, read through SQLite's own descriptor, without a lock. */
static inline int csqlite_peek(sqlite3 *db, void *bytes, int n, sqlite3_int64 at) {
  sqlite3_file *file = 0;
  int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code != SQLITE_OK) return code;
  if (!file || !file->pMethods) return SQLITE_CANTOPEN;
  return file->pMethods->xRead(file, bytes, n, at);
}
/* Whether another file or none stands at the path of the one that is open. */
static inline int csqlite_has_moved(sqlite3 *db, const char *schema) {
  int moved = 0;
  sqlite3_file_control(db, schema, SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved;
}
enum {
  csqlite_ioerr_read = SQLITE_IOERR_READ,
  csqlite_ioerr_short_read = SQLITE_IOERR_SHORT_READ,
  csqlite_ioerr_write = SQLITE_IOERR_WRITE,
  csqlite_ioerr_fsync = SQLITE_IOERR_FSYNC,
  csqlite_ioerr_dir_fsync = SQLITE_IOERR_DIR_FSYNC,
  csqlite_ioerr_truncate = SQLITE_IOERR_TRUNCATE,
  csqlite_ioerr_fstat = SQLITE_IOERR_FSTAT,
  csqlite_ioerr_unlock = SQLITE_IOERR_UNLOCK,
  csqlite_ioerr_rdlock = SQLITE_IOERR_RDLOCK,
  csqlite_ioerr_delete = SQLITE_IOERR_DELETE,
  csqlite_ioerr_access = SQLITE_IOERR_ACCESS,
  csqlite_ioerr_lock = SQLITE_IOERR_LOCK,
  csqlite_ioerr_shmopen = SQLITE_IOERR_SHMOPEN,
  csqlite_ioerr_shmsize = SQLITE_IOERR_SHMSIZE,
  csqlite_ioerr_shmlock = SQLITE_IOERR_SHMLOCK,
  csqlite_ioerr_shmmap = SQLITE_IOERR_SHMMAP,
  csqlite_readonly_rollback = SQLITE_READONLY_ROLLBACK,
};
