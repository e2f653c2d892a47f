-- Live captions over whatever mpv plays: starts `accessify live --mpv` beside it.
--
--   mpv --script="$(accessify live --mpv-script)" film.mkv
--
-- Options (--script-opts=accessify-NAME=VALUE):
--   command   the accessify program (accessify)
--   language  what is spoken (en)
--   auto      begin with the film (yes); else press the key
-- Ctrl+Alt+c turns captions on and off.

local mp = require "mp"
local options = {command = "accessify", language = "en", auto = true}
require("mp.options").read_options(options, "accessify")

local job = nil

local function address()
    local given = mp.get_property("input-ipc-server")
    if given and given ~= "" then return given end
    local folder = os.getenv("XDG_RUNTIME_DIR") or os.getenv("TMPDIR") or "/tmp"
    local own = folder .. "/accessify-mpv-" .. mp.get_property("pid") .. ".sock"
    mp.set_property("input-ipc-server", own)
    return own
end

local function stop()
    if job then mp.abort_async_command(job) end
    job = nil
end

local function start()
    job = mp.command_native_async({
        name = "subprocess",
        args = {options.command, "live", "--mpv", address(), "--language", options.language, "--no-show"},
        playback_only = false,
        capture_stderr = true,
    }, function(_, result)
        job = nil
        if result and result.status and result.status > 0 then
            mp.osd_message((result.stderr or ""):sub(-300), 8)
        elseif result and result.error_string == "init" then
            mp.osd_message("accessify was not found: set --script-opts=accessify-command=PATH", 8)
        end
    end)
end

local function toggle()
    if job then
        stop()
        mp.osd_message("Live captions off")
    else
        start()
        mp.osd_message("Live captions on")
    end
end

mp.add_key_binding("Ctrl+Alt+c", "toggle-captions", toggle)
if options.auto then mp.register_event("file-loaded", function() if not job then start() end end) end
mp.register_event("shutdown", stop)
