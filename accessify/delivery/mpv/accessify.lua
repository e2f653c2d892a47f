-- Live captions over whatever mpv plays: starts `accessify live --mpv` beside it.
--
--   mpv --script="$(accessify live --mpv-script)" film.mkv
--
-- Options (--script-opts=accessify-NAME=VALUE):
--   command   the accessify program, with its path where it is not on PATH (accessify)
--   language  what is spoken (en)
--   auto      begin with the film (yes); else press the key
-- Ctrl+Alt+c turns captions on and off.

local mp = require "mp"
local options = {command = "accessify", language = "en", auto = true}
require("mp.options").read_options(options, "accessify")

local job = nil
local own = nil

local function address()
    local given = mp.get_property("input-ipc-server")
    if given and given ~= "" then return given end
    local folder = os.getenv("XDG_RUNTIME_DIR") or os.getenv("TMPDIR") or "/tmp"
    own = folder .. "/accessify-mpv-" .. mp.get_property("pid") .. ".sock"
    mp.set_property("input-ipc-server", own)
    return own
end

local function stop()
    if job then mp.abort_async_command(job) end
    job = nil
end

-- What to tell the viewer when the program has ended by itself; nothing where all went well.
local function fault(success, result)
    if not success or result.error_string == "init" then
        return options.command .. " was not found: give mpv --script-opts=accessify-command=PATH"
    end
    if result.killed_by_us or result.status == 0 then return nil end
    local said = (result.stderr or ""):match("^%s*(.-)%s*$"):sub(-300)
    return said ~= "" and said or options.command .. " ended with status " .. result.status
end

local function start()
    local mine
    mine = mp.command_native_async({
        name = "subprocess",
        args = {options.command, "live", "--mpv", address(), "--language", options.language, "--no-show"},
        playback_only = false,
        capture_stderr = true,
    }, function(success, result)
        if job == mine then job = nil end
        local text = fault(success, result)
        if text then mp.osd_message("Live captions: " .. text, 8) end
    end)
    job = mine
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
mp.register_event("shutdown", function()
    stop()
    if own then os.remove(own) end
end)
