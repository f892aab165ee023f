; The installer for Windows, made by Inno Setup 6: iscc /DVersion=… /DProgram=… /DTarget=… windows.iss
; For one person by default, so that nobody needs an administrator. Written against its documentation, not tried yet.
[Setup]
AppId={{B1B8F4E0-7C58-4F1B-9E39-6B1E5C1F7A20}
AppName=GenStudio
AppVersion={#Version}
AppPublisher=The GenStudio authors
DefaultDirName={autopf}\GenStudio
DefaultGroupName=GenStudio
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
Compression=lzma2/fast
SolidCompression=yes
LZMAUseSeparateProcess=yes
OutputDir={#Target}
OutputBaseFilename=GenStudio-{#Version}-windows-{#Variant}
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\GenStudio-window.exe
LicenseFile={#License}
ChangesAssociations=yes
#if Variant == "cuda"
; More than 2 GB: the setup is cut into slices beside it.
DiskSpanning=yes
#endif

[Files]
Source: "{#Program}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\GenStudio"; Filename: "{app}\GenStudio-window.exe"; AppUserModelID: "org.genstudio.GenStudio"

[Registry]
Root: HKA; Subkey: "Software\Classes\.gsproj"; ValueType: string; ValueData: "GenStudio.Project"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\GenStudio.Project"; ValueType: string; ValueData: "GenStudio project"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\GenStudio.Project\DefaultIcon"; ValueType: string; ValueData: "{app}\GenStudio-window.exe,0"
Root: HKA; Subkey: "Software\Classes\GenStudio.Project\shell\open\command"; ValueType: string; ValueData: """{app}\GenStudio-window.exe"" ""%1"""

[Run]
Filename: "{app}\GenStudio-window.exe"; Description: "Start GenStudio"; Flags: nowait postinstall skipifsilent
