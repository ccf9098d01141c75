import { z } from "zod";

/** What a web service may be called (spec 11, section 4). Unique in its workspace. */
export const serviceName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{2,31}$/,
    "a service name has 3 to 32 characters, lower-case letters, digits and dashes, and begins with a letter",
  );
