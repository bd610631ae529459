// echo.mjs - tests/conformance/ws-echo on a free port.
import { startServer } from '../../lib/serve.mjs';

export { until } from '../../lib/serve.mjs';

const binary = process.env.WS_ECHO ?? 'build/tests/conformance/ws-echo';

export const startEcho = (flags = {}) => startServer(binary, flags);
