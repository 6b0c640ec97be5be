#include "doctor.h"
enum exit_status doctor__run(const struct options *options) { (void)options; return EXIT_RAN; }
