// libedit for Swift: one front of fixed arity for each shape of its variadic calls.
//
// The three streams are opened here because Swift 6 refuses C's global `stdin`, and `history`,
// itself variadic, can be handed to `el_set` only from C.

#ifndef CEDIT_SHIM_H
#define CEDIT_SHIM_H

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <wchar.h>

typedef int (*cedit_reader)(EditLine *, wchar_t *);
typedef unsigned char (*cedit_command)(EditLine *, wint_t);
typedef char *(*cedit_prompt)(EditLine *);

// Draws on a descriptor of its own, which it owns from then on: standard output may be led elsewhere.
static inline EditLine *cedit_open(const char *program, int terminal) {
  FILE *screen = fdopen(terminal, "w");
  if (screen == NULL) return NULL;
  EditLine *line = el_init(program, stdin, screen, stderr);
  if (line == NULL) fclose(screen);
  return line;
}

static inline void cedit_close(EditLine *line) {
  FILE *screen = NULL;
  int isKnown = el_get(line, EL_GETFP, 1, &screen) == 0;
  el_end(line);
  if (isKnown && screen != NULL) fclose(screen);
}

static inline int cedit_set_client(EditLine *line, void *client) {
  return el_set(line, EL_CLIENTDATA, client);
}

static inline void *cedit_client(EditLine *line) {
  void *client = NULL;
  return el_get(line, EL_CLIENTDATA, &client) == 0 ? client : NULL;
}

// The character that encloses what takes no cell on the screen, such as a colour.
static inline int cedit_set_prompt(EditLine *line, cedit_prompt prompt, char marker) {
  return el_set(line, EL_PROMPT_ESC, prompt, marker);
}

static inline int cedit_set_reader(EditLine *line, cedit_reader reader) {
  return el_set(line, EL_GETCFN, reader);
}

static inline int cedit_set_editor(EditLine *line, const char *editor) {
  return el_set(line, EL_EDITOR, editor);
}

static inline const char *cedit_editor(EditLine *line) {
  const char *editor = NULL;
  return el_get(line, EL_EDITOR, &editor) == 0 ? editor : NULL;
}

static inline int cedit_add(
    EditLine *line, const char *name, const char *help, cedit_command command) {
  return el_set(line, EL_ADDFN, name, help, command);
}

static inline int cedit_bind(EditLine *line, const char *key, const char *command) {
  return el_set(line, EL_BIND, key, command, NULL);
}

// The same in vi's command mode.
static inline int cedit_bind_alternative(EditLine *line, const char *key, const char *command) {
  return el_set(line, EL_BIND, "-a", key, command, NULL);
}

static inline int cedit_set_terminal(EditLine *line, const char *mode, const char *flag) {
  return el_set(line, EL_SETTY, mode, flag, NULL);
}

static inline int cedit_prepare_terminal(EditLine *line, int isEditing) {
  return el_set(line, EL_PREP_TERM, isEditing);
}

static inline int cedit_refresh(EditLine *line) { return el_set(line, EL_REFRESH); }

static inline int cedit_set_history(EditLine *line, History *past) {
  return el_set(line, EL_HIST, history, past);
}

static inline int cedit_history_bound(History *past, int lines) {
  HistEvent event;
  return history(past, &event, H_SETSIZE, lines);
}

static inline int cedit_history_unique(History *past, int isUnique) {
  HistEvent event;
  return history(past, &event, H_SETUNIQUE, isUnique);
}

static inline int cedit_history_enter(History *past, const char *line) {
  HistEvent event;
  return history(past, &event, H_ENTER, line);
}

static volatile int cedit_window_descriptor = -1;

static inline void cedit_window_changed(int number) {
  (void)number;
  int before = errno;
  if (write(cedit_window_descriptor, "w", 1) < 0) errno = before;
  errno = before;
}

// Writes a `w` into the descriptor whenever the window changes; -1 ends that. A C function because
// nothing else may run in a signal handler.
static inline int cedit_watch_window(int descriptor) {
  struct sigaction action = {0};
  cedit_window_descriptor = descriptor;
  action.sa_handler = descriptor < 0 ? SIG_DFL : cedit_window_changed;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGWINCH, &action, NULL);
}

#endif
