// SPDX-License-Identifier: Apache-2.0
// An expat that is not fit for streams, put before the real one by LD_PRELOAD (BI-CFG-13): it holds
// the last bytes back until more come, as versions with reparse deferral do.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <expat.h>
#include <string.h>

static char held[1 << 16];
static int count;

enum XML_Status XML_Parse(XML_Parser parser, const char *text, int size, int final) {
  typedef enum XML_Status (*Parse)(XML_Parser, const char *, int, int);
  Parse parse;
  enum XML_Status status = XML_STATUS_OK;
  *(void **)&parse = dlsym(RTLD_NEXT, "XML_Parse");
  if (count > 0) status = parse(parser, held, count, 0);
  if (status == XML_STATUS_ERROR || final || size > (int)sizeof held)
    return parse(parser, text, size, final);
  memcpy(held, text, (size_t)size);
  count = size;
  return status;
}
